"""Rules about what an answer's prose says: language, refusals, broken ends, other files, the diff again.

Take an answer's value beside its prompt; prose is every text that is not code, a name or a label.
The phrases and word lists are ours. What stands in backticks is code and no prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pullsmith.clean.language import by_script, language_of
from pullsmith.clean.rules import Reason, Rule, Subject
from pullsmith.contracts.answers import AnswerValue
from pullsmith.study.clean import CleanSettings

PROSE = frozenset({
    "title", "description", "changes_title", "changes_summary", "issue_header", "issue_content",
    "security_concerns", "relevant_tests", "suggestion_content", "one_sentence_summary",
    "effort_reason", "insights_from_user_answers", "possible_issues", "suggestion", "why",
    "suggestion_summary", "fully_compliant_requirements", "not_compliant_requirements",
    "requires_further_human_verification",
})  # fmt: skip
_WHOLE = frozenset({"description", "issue_content", "suggestion_content", "security_concerns"})
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_URL = re.compile(r"\w+://\S+")
_REFUSAL = re.compile(
    r"(?i)\b(?:i(?:'|\u2019)?m|i am) (?:sorry|unable|not able)\b"
    r"|\bi (?:can(?:no|'|\u2019)?t|can not|won(?:'|\u2019)t|will not) (?:help|assist|answer|review|comply|provide|continue)\b"
    r"|\bas an? (?:ai|(?:large )?language model|assistant)\b"
    r"|\b(?:i|we) (?:do not|don(?:'|\u2019)t) have (?:access|enough (?:context|information))\b"
)
_BROKEN_END = re.compile(
    r"(?:\.\.\.|\u2026|[,;(\[{]|\b(?:a|an|the|and|or|of|to|in|for|with|by|is|are|that|which|from))$"
)
_FILE = re.compile(
    r"(?<![\w./@:\\-])(?:\.{0,2}/)?(?:[\w.-]+/)*[\w-]+(?:\.[\w-]+)*\.(?:py|pyi|js|jsx|mjs|cjs|tsx?|go|rs|java|kts?"
    r"|cc|cpp|hpp|cs|rb|php|swift|scala|sh|sql|html|s?css|vue|json|ya?ml|toml|ini|cfg|xml|md|rst"
    r"|txt|lock|gradle|proto|ipynb)\b(?![\w(/]|\.\w)"
)
# Names of programs and libraries that look like files.
_NO_FILES = re.compile(
    r"(?i)(?:node|vue|next|nuxt|d3|three|react|express|chart|moment|ember|backbone|socket|p5|alpine)\.js"
)
_MARKER = re.compile(r"@@ -\d|__(?:new|old) hunk__|diff --git |\+\+\+ b/|--- a/")
_SHORTEST_LINE = 12  # shorter lines of code stand in any text


def other_language(subject: Subject, settings: CleanSettings) -> Reason | None:
    """Its prose is in a language that is not among ``languages``; too little of it to tell is kept.

    All of it together is asked, then the script of each text: one in Chinese is few letters among
    many titles. Small words tell too little of a text alone.
    """
    asked = subject.task.options.response_language
    if not settings.languages or asked:
        return None
    texts = list(_prose_of(subject.value))
    for found in (language_of(" ".join(texts)), *map(by_script, texts)):
        if found is not None and found.codes.isdisjoint(settings.languages):
            return Reason("other_language", f"{found.name}: {found.because}")
    return None


def refusal(subject: Subject, settings: CleanSettings) -> Reason | None:
    """A text says that the model cannot or will not answer."""
    for text in _prose_of(subject.value) if settings.refusals else ():
        if match := _REFUSAL.search(text):
            return Reason("refusal_in_text", _around(text, match))
    return None


def cut_text(subject: Subject, settings: CleanSettings) -> Reason | None:
    """A text breaks off: it ends in an ellipsis, an opening bracket, a comma or half a phrase."""
    for name, text in _texts(subject.value) if settings.cut_texts else ():
        if name in _WHOLE and (match := _BROKEN_END.search(text.rstrip())):
            return Reason("cut_text", f"{name} ends in {match.group()!r}")
    return None


def unshown_file(subject: Subject, settings: CleanSettings) -> Reason | None:
    """Its prose names a file that stands nowhere in the prompt; in backticks it counts too."""
    shown = subject.prompt_text.lower()
    for _, text in _texts(subject.value) if settings.unshown_files else ():
        for match in _FILE.finditer(_URL.sub(" ", text)):
            name = match.group().removeprefix("./").lower()
            if name not in shown and not _NO_FILES.fullmatch(name):
                return Reason("unshown_file", match.group())
    return None


def copied_diff(subject: Subject, settings: CleanSettings) -> Reason | None:
    """Its prose repeats the diff: a marker of it, or more than max_copied_lines of its lines."""
    if not settings.copied_diff:
        return None
    shown: set[str] | None = None
    for name, text in _texts(subject.value):
        if match := _MARKER.search(text):
            return Reason("copied_diff", f"{name}: {match.group()}")
        if text.count("\n") >= settings.max_copied_lines:
            shown = _lines_shown(subject) if shown is None else shown
            copied = [line for line in _long_lines(text) if line in shown]
            if len(copied) > settings.max_copied_lines:
                return Reason("copied_diff", f"{name}: {len(copied)} lines, first {copied[0][:80]}")
    return None


SAID_RULES: tuple[Rule, ...] = (refusal, other_language, cut_text, unshown_file, copied_diff)


def _texts(value: AnswerValue) -> Iterator[tuple[str, str]]:
    """(field, text) of all prose, in the order of the fields."""
    for name in type(value).model_fields:
        field = getattr(value, name)
        if isinstance(field, str) and name in PROSE:
            yield name, field
        for item in field if isinstance(field, tuple) else (field,):
            if isinstance(item, AnswerValue):
                yield from _texts(item)


def _prose_of(value: AnswerValue) -> Iterator[str]:
    for _, text in _texts(value):
        yield _URL.sub(" ", _CODE.sub(" ", text))


def _lines_shown(subject: Subject) -> set[str]:
    return {
        line
        for file in subject.task.shown.files
        for hunk in file.hunks
        for shown in hunk.lines
        for line in _long_lines(shown.text)
    }


def _long_lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        plain = " ".join(line.lstrip("+- ").split())
        if len(plain) >= _SHORTEST_LINE:
            yield plain


def _around(text: str, match: re.Match[str]) -> str:
    return " ".join(text[max(0, match.start() - 20) : match.end() + 60].split())
