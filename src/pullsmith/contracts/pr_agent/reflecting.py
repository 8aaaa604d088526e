"""What reflect is asked about: improve's suggestions, as PR-Agent lists them.

Takes the raw answer to improve, gives the variables of reflect's template. PR-Agent reads the YAML,
drops repeated summaries, empties edits that change nothing, and prints each suggestion as Python
does. The answer is a model's: no alias is followed, so it stays as long as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import yaml

from pullsmith.errors import AnswerError

_NEEDED = ("one_sentence_summary", "label", "relevant_file")
_CODE = ("existing_code", "improved_code")


def suggestions_text(answer: str) -> dict[str, object]:
    """The variables; raises AnswerError where PR-Agent could only read the answer by guessing."""
    kept = list(_kept(_suggestions(answer)))
    text = "".join(f"suggestion {number}: {one}\n\n" for number, one in enumerate(kept, 1))
    return {"suggestion_list": kept, "suggestion_str": text, "num_code_suggestions": len(kept)}


def _suggestions(answer: str) -> Iterable[object]:
    text = answer.strip().removeprefix("```yaml").rstrip().removesuffix("```")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise AnswerError("not_yaml", "an alias, which no answer needs")
        tree = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise AnswerError("not_yaml", str(error)[:120]) from error
    found = tree.get("code_suggestions") if isinstance(tree, dict) else tree
    if not isinstance(found, list):
        raise AnswerError("wrong_type", "code_suggestions: a list expected")
    return found


def _kept(suggestions: Iterable[object]) -> Iterator[dict[str, object]]:
    summaries: list[object] = []
    for one in suggestions:
        if not isinstance(one, Mapping) or any(key not in one for key in (*_NEEDED, *_CODE)):
            continue
        content = str(one.get("suggestion_content", ""))
        talks_of_const = all(word in content for word in ("const", "instead", "let"))
        if one["one_sentence_summary"] in summaries or talks_of_const:
            continue
        summaries.append(one["one_sentence_summary"])
        same = one["existing_code"] == one["improved_code"]
        yield {**one, "existing_code": ""} if same else dict(one)
