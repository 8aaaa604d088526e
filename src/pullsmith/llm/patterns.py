"""What can be seen on added lines of any language, without a parser: few rules, each of them certain.

Takes a shown diff; gives findings. A rule looks at a line whose texts and comments are blanked, in
the languages it holds for. A hunk in which a text or comment may go on from line to line is passed
over: what looks like code there may be none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from pullsmith.diff.shown import ShownDiff, ShownFile, ShownHunk, ShownLine
from pullsmith.llm.findings import Finding

_JS = frozenset({"javascript", "typescript", "ts", "tsx", "jsx", "vue", "svelte"})
_C = frozenset({"c", "c++", "c#", "csharp", "java", "kotlin", "php", "objective-c"}) | _JS
_BRACED = _C | {"go", "rust", "swift", "scala", "dart"}
_PROSE = frozenset({"markdown", "rst", "plain-text", "asciidoc", "text"})
_TYPES = (
    "undefined|object|boolean|number|bigint|string|symbol|function|unknown"  # unknown: of old IE
)
_LITERAL = r"(?:null|true|false|undefined|nil|-?\d+)"
_TESTS = re.compile(r"(^|[/_.-])(tests?|specs?|e2e|__tests__)([/_.-]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class PatternRule:
    """``pattern`` is searched in the blanked line, or in the line as it is where ``raw``."""

    code: str
    header: str
    content: str
    pattern: re.Pattern[str]
    languages: frozenset[str]
    label: str = "possible bug"
    raw: bool = False
    fix: Callable[[str, re.Match[str]], str] | None = None
    where: re.Pattern[str] | None = None  # what the path must have


def _rule(
    code: str, words: tuple[str, str], pattern: str, languages: frozenset[str], **more: object
) -> PatternRule:
    return PatternRule(code, *words, re.compile(pattern), languages, **more)  # type: ignore[arg-type]  # as they are named there


def _without_repeat(text: str, found: re.Match[str]) -> str:
    return text[: found.end(1)] + text[found.end() :]


def _remove(_text: str, _found: re.Match[str]) -> str:
    return ""


PATTERNS: tuple[PatternRule, ...] = (
    _rule(
        "debugger", ("Debugger", "A debugger was left in the code."),
        r"^\s*debugger\s*;?\s*$", _JS, fix=_remove,
    ),
    _rule(
        "debugger_call", ("Debugger", "A debugger was left in the code."),
        r"^\s*(?:binding\.(?:pry|irb|break)|byebug|debugger)\s*$", frozenset({"ruby"}), fix=_remove,
    ),
    _rule(
        "debug_macro", ("Debug print", "A debugging print was left in the code."),
        r"(?<![\w!:])dbg!\s*\(", frozenset({"rust"}), label="general",
    ),
    _rule(
        "focused_test", ("Focused test", "Only this test runs; the others are skipped."),
        r"^\s*(?:(?:describe|it|test|suite|context)\.only|fdescribe|fit)\s*\(", _JS, where=_TESTS,
    ),
    _rule(
        "text_identity", ("Identity comparison", "A text is compared by identity."),
        r"(?<![=!<>])[=!]=\s*\"|\"\s*[=!]=(?!=)", frozenset({"java"}),
    ),
    _rule(
        "nan_comparison", ("NaN comparison", "Nothing is equal to NaN."),
        r"[=!]==?\s*(?:Number\.|Double\.|Float\.)?NaN\b", _C - {"php"},
    ),
    _rule(
        "unknown_type", ("Unknown type", "typeof never gives this text."),
        rf"typeof\s+[\w.$]+\s*[=!]==?\s*(['\"])(?!(?:{_TYPES})\1)[^'\"]*\1", _JS, raw=True,
    ),
    _rule(
        "assigned_condition", ("Assigned condition", "A value is assigned where it should be compared."),
        rf"\b(?:if|while)\s*\(\s*[\w.$\[\]>-]*[\w\]]\s*=\s*{_LITERAL}\s*\)", _C - {"kotlin"},
    ),
    _rule(
        "empty_condition", ("Empty condition", "The condition decides nothing: a semicolon ends it."),
        r"^\s*(?:\}\s*else\s+)?if\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*;\s*$", _C - {"kotlin"},
    ),
    _rule(
        "same_operands", ("Same operands", "Both sides of the operator are the same."),
        r"(?:^|[(,?:{]|(?<![=!<>])=|&&|\|\||\breturn\b|\bif\b)\s*(!?[A-Za-z_][\w.]*)\s*(?:&&|\|\|)\s*\1\s*(?:$|[);,?:{]|&&|\|\|)",
        _BRACED,
    ),
    _rule(
        "never_negative", ("Constant condition", "A length is never negative."),
        r"\blen\([\w.]+\)\s*(?:<\s*0|>=\s*0)(?![\w.])|\.(?:length|size\(\)|length\(\)|len\(\))\s*(?:<\s*0|>=\s*0)(?![\w.])",
        _BRACED | {"python"},
    ),
    _rule(
        "doubled_word", ("Doubled word", "The same word stands there twice."),
        r"(?:^|(?<=[\s(]))\b(the|of|to|is|and|for|with|be|are|from|this|an|in|on|it|or|by|as|at)\s\1\b(?=[\s.,;:)]|$)",
        _PROSE, label="documentation", fix=_without_repeat,
    ),
)  # fmt: skip
_OPEN, _CLOSE = re.compile(r"<{7}(?: .*)?"), re.compile(r">{7}(?: .*)?")


def pattern_findings(shown: ShownDiff) -> tuple[Finding, ...]:
    """Everything found on added lines, in the order they are shown."""
    return tuple(
        finding
        for file in shown.files
        for hunk in file.hunks
        for finding in (*_conflicts(file, hunk), *_in_hunk(file, hunk))
    )


def _in_hunk(file: ShownFile, hunk: ShownHunk) -> Iterator[Finding]:
    language = file.language.lower()
    rules = [
        rule
        for rule in PATTERNS
        if language in rule.languages and (rule.where is None or rule.where.search(file.path))
    ]
    if not rules or _goes_on(hunk, language):
        return
    for line in hunk.lines:
        if line.sign != "+":
            continue
        blank = line.text if language in _PROSE else _blanked(line.text)
        for rule in rules:
            found = rule.pattern.search(line.text if rule.raw else blank)
            if found and (not rule.raw or found.start() < len(blank.rstrip())):
                yield _finding(rule, line, found)


def _finding(rule: PatternRule, line: ShownLine, found: re.Match[str]) -> Finding:
    instead = None
    if rule.fix is not None:
        fixed = rule.fix(line.text, found)
        instead = (fixed,) if fixed.strip() else ()
    return Finding(rule.code, (line,), rule.header, rule.content, rule.label, instead)


def _conflicts(file: ShownFile, hunk: ShownHunk) -> Iterator[Finding]:
    """The first line of a conflict, where its last is added in the same hunk."""
    if file.language.lower() in _PROSE:
        return
    added = [line for line in hunk.lines if line.sign == "+"]
    marks = [line for line in added if _OPEN.fullmatch(line.text) or _CLOSE.fullmatch(line.text)]
    for first, last in pairwise(marks):
        if _OPEN.fullmatch(first.text) and _CLOSE.fullmatch(last.text):
            yield Finding(
                "conflict", (first,), "Merge conflict", "A merge conflict was left in the file.",
                "critical bug",
            )  # fmt: skip


def _goes_on(hunk: ShownHunk, language: str) -> bool:
    """Whether a text or a comment may go on over several lines."""
    if language in _PROSE:
        return any(line.text.lstrip().startswith(("```", "~~~")) for line in hunk.lines)
    text = "\n".join(line.text for line in hunk.lines if line.sign != "-")
    if text.count("`") % 2 or '"""' in text or "'''" in text:
        return True
    if text.count("/*") != text.count("*/"):
        return True
    return any(_blanked(line.text).count('"') % 2 for line in hunk.lines if line.sign != "-")


_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`")
_COMMENT = re.compile(r"//.*|/\*.*?\*/|^\s*\*.*|^\s*#.*")


def _blanked(text: str) -> str:
    """``text`` with what stands in quotes and in comments made blank; the quotes stay."""
    kept = _TEXT.sub(lambda found: found[0][0] + " " * (len(found[0]) - 2) + found[0][-1], text)
    return _COMMENT.sub(lambda found: " " * len(found[0]), kept)
