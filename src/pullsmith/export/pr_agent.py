"""PR-Agent's settings for a served model: the file it reads in the root of a repository.

Takes where the model is served and what its study asked with; gives TOML. One file serves every
version that pr-agent-* contracts know, because PR-Agent passes over keys that it does not read.
Read in its source up to v0.29; holds no key, which belongs in the environment (OPENAI_API_KEY).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pullsmith.contracts.contract import find_contract
from pullsmith.errors import StudyError
from pullsmith.records import PromptOptions
from pullsmith.study.contract import ContractSettings

FILE_NAME = ".pr_agent.toml"
# PR-Agent counts with a tokenizer of OpenAI's whatever the model; others make more tokens of the
# same code, and a server that is asked for more than its window cuts or refuses.
TOKENS_MARGIN = 1.3
_WINDOW_LEAST = 1500  # PR-Agent keeps so many tokens for the answer; under it no diff is left
# 0.2.4 puts other words to a "claude", and looks for a vocabulary of every "gpt" and fails.
_TROUBLE = ("claude", "gpt")
_TOOLS = ("describe", "review", "improve")
_PREFIX = "pr-agent-"

Value = str | int | float | bool | list[str]
Tables = dict[str, dict[str, Value]]


@dataclass(frozen=True)
class Served:
    """A model as PR-Agent finds it, and how its study asked it.

    ``window_tokens`` are what the server allocates for a prompt and its answer together. ``tools``
    are those it was trained on; without a ``contract`` nothing is known of that.
    """

    name: str
    api_base: str
    window_tokens: int
    temperature: float = 0.0
    timeout_seconds: float = 120.0
    contract: str = ""
    settings: ContractSettings = field(default_factory=ContractSettings)
    tools: tuple[str, ...] = _TOOLS


def pr_agent_settings(served: Served) -> str:
    """The text of ``.pr_agent.toml``; raises StudyError for a name, address or window it cannot have."""
    _check(served)
    tables: Tables = {"config": _config(served), "openai": {"api_base": served.api_base}}
    if served.contract.startswith(_PREFIX):
        tables = {**tables, **_asked(served)}
    notes = "".join(f"# {note}\n" for note in pr_agent_notes(served))
    return f"{_HEAD}{notes}" + "".join(_table(name, keys) for name, keys in tables.items())


_HEAD = """\
# PR-Agent reads this file in the root of the default branch. A key for the endpoint, where it
# wants one, is OPENAI_API_KEY in PR-Agent's environment, never a line here.
# Every model it may ask is the served one, so that no code goes to another vendor.
"""


def pr_agent_notes(served: Served) -> tuple[str, ...]:
    """What no setting can mend, one sentence each: read them before PR-Agent is pointed at the model."""
    notes = []
    if not served.contract:
        notes.append("In which words the model was trained is not known; PR-Agent puts its own.")
    elif not served.contract.startswith(_PREFIX):
        notes.append(
            f"Trained in contract {served.contract}, not in PR-Agent's words: its answers may be "
            "refused. A student with a pr-agent-* contract has none of this."
        )
    elif "reflect" not in served.tools:
        notes.append(
            "Never trained to score suggestions (reflect): where PR-Agent asks that all the same "
            "and cannot read the answer, every suggestion gets 7."
        )
    if len(_languages(served)) > 1:
        notes.append(
            "The study asks tools in several languages; PR-Agent has one for all: none set."
        )
    return tuple(notes)


def _check(served: Served) -> None:
    if served.contract:
        find_contract(served.contract, served.settings)
    address = urlsplit(served.api_base)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise StudyError(
            f"export: api base {served.api_base!r}: expected http://HOST:PORT/v1, where the model is served"
        )
    if address.username or address.password:
        raise StudyError("export: api base: a key has no place in it; set OPENAI_API_KEY")
    if not served.name.strip() or any(c.isspace() for c in served.name):
        raise StudyError(f"export: served name {served.name!r}: expected a name without blanks")
    if found := [word for word in _TROUBLE if word in served.name.lower()]:
        raise StudyError(
            f"export: served name {served.name!r}: PR-Agent treats every model with {found[0]!r} in "
            "its name as its vendor's; serve it under another name (--served-name)"
        )
    if _usable(served) <= _WINDOW_LEAST:
        raise StudyError(
            f"export: a window of {served.window_tokens} tokens leaves nothing for a diff: PR-Agent "
            f"keeps {_WINDOW_LEAST} for the answer and counts up to {TOKENS_MARGIN - 1:.0%} short"
        )


def _usable(served: Served) -> int:
    """The window in tokens as PR-Agent counts them."""
    return int(served.window_tokens / TOKENS_MARGIN)


def _config(served: Served) -> dict[str, Value]:
    model = f"openai/{served.name}"  # its word for any endpoint that speaks OpenAI's protocol
    window = _usable(served)
    keys: dict[str, Value] = {
        "model": model,
        "model_turbo": model,  # describe and reflect, until 2024
        "model_weak": model,  # describe, since 2025
        "model_reasoning": model,  # reflect, since 2025
        "fallback_models": [model],
        "custom_model_max_tokens": window,
        "max_model_tokens": min(window, served.settings.max_model_tokens),
        "temperature": float(served.temperature),
        "ai_timeout": max(1, round(served.timeout_seconds)),
        "duplicate_prompt_examples": False,
        "custom_reasoning_model": False,
    }
    languages = _languages(served)
    if len(languages) == 1 and (language := next(iter(languages))):
        keys["response_language"] = language
    return keys


def _languages(served: Served) -> frozenset[str]:
    """The languages its tools were asked to answer in; only those of contracts with words for one."""
    if not served.contract.startswith(_PREFIX):
        return frozenset()
    contract = find_contract(served.contract, served.settings)
    spoken = [tool for tool in _TOOLS if "response_language" in contract.speaks(tool)]
    return frozenset(served.settings.options_of(tool).response_language for tool in spoken)


def _asked(served: Served) -> Tables:
    """The options of each tool as the study asked them, in PR-Agent's names."""
    contract = find_contract(served.contract, served.settings)
    write: Mapping[str, Callable[[PromptOptions], dict[str, Value]]] = {
        "describe": lambda _: {},
        "review": _review,
        "improve": _improve,
    }
    names = {"describe": "description", "review": "reviewer", "improve": "code_suggestions"}
    tables: Tables = {}
    for tool, said in write.items():
        options = served.settings.options_of(tool)
        keys = {"extra_instructions": options.extra_instructions, **said(options)}
        tables[f"pr_{names[tool]}"] = keys
    spoken = contract.speaks("improve")
    if "focus_only_on_problems" not in spoken:
        del tables["pr_code_suggestions"]["focus_only_on_problems"]
    if "max_findings" not in contract.speaks("review"):
        del tables["pr_reviewer"]["num_max_findings"]
    tables["pr_code_suggestions"]["self_reflect_on_suggestions"] = "reflect" in served.tools
    return tables


def _review(options: PromptOptions) -> dict[str, Value]:
    return {
        "require_score_review": options.require_score,
        "require_tests_review": options.require_tests,
        "require_estimate_effort_to_review": options.require_effort,
        "require_can_be_split_review": options.require_can_be_split,
        "require_security_review": options.require_security,
        "require_ticket_analysis_review": False,  # no prompt it was trained on had a ticket
        "num_max_findings": options.max_findings,
    }


def _improve(options: PromptOptions) -> dict[str, Value]:
    keys: dict[str, Value] = {"focus_only_on_problems": options.focus_only_on_problems}
    if options.max_suggestions != PromptOptions().max_suggestions:  # else each version's own
        keys["num_code_suggestions_per_chunk"] = options.max_suggestions
        keys["num_code_suggestions"] = options.max_suggestions
    return keys


def _table(name: str, keys: Mapping[str, Value]) -> str:
    lines = (f"{key} = {_value(f'{name}.{key}', value)}\n" for key, value in keys.items())
    return f"\n[{name}]\n" + "".join(lines)


def _value(key: str, value: Value) -> str:
    """A TOML value; raises StudyError for a text that PR-Agent's settings library would compute."""
    if isinstance(value, list):
        return "[" + ", ".join(_value(key, each) for each in value) + "]"
    if isinstance(value, str):
        if value.lstrip().startswith("@"):
            raise StudyError(
                f"export: {key} begins with '@', which PR-Agent's settings library takes for a "
                "command; put a word before it"
            )
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
