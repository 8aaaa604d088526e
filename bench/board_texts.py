"""Pull requests and what is said of them, in words of our own drawn by hash: what ``board_run`` is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullsmith.contracts.answers import (
    AnswerValue,
    ChangeType,
    Describe,
    DescribedFile,
    Improve,
    KeyIssue,
    Review,
    Suggestion,
)
from pullsmith.records import (
    ChangeStatus,
    Defect,
    FileChange,
    PullRequest,
    SecretScan,
    Split,
    digest,
)

SCAN = SecretScan(rules_version="bench")
_VERBS = [
    "load",
    "parse",
    "write",
    "merge",
    "check",
    "split",
    "read",
    "send",
    "close",
    "open",
    "trim",
    "count",
    "group",
    "index",
    "retry",
]
_NOUNS = [
    "config",
    "record",
    "header",
    "buffer",
    "page",
    "token",
    "path",
    "entry",
    "cache",
    "worker",
    "batch",
    "schema",
    "index",
    "limit",
    "row",
]
_FAULTS = (
    ("Off by one", "The last {noun} is left out: the range ends one too early."),
    ("Resource leak", "The {noun} is opened and never closed where {verb} raises."),
    ("Swallowed error", "Whatever {verb} raises is hidden; the caller sees an empty {noun}."),
    ("Wrong default", "A mutable default keeps the {noun} of the call before."),
)


@dataclass(frozen=True)
class Draw:
    """Draws that hang on names alone."""

    seed: int = 0

    def share(self, *names: object) -> float:
        """In 0..1, the same for the same names."""
        return int(digest([self.seed, *map(str, names)]), 16) / 16**16

    def pick(self, choices: Sequence[str], *names: object) -> str:
        return choices[int(self.share(*names) * len(choices))]


DRAW = Draw()


def pull_request(number: int) -> PullRequest:
    """A pull request of two files of some 40 lines; every third is planted, half of these with a defect."""
    planted = number % 3 == 0
    name = f"planted:{digest(number)}" if planted else f"example.org/team/tool@{digest(number)}{digest(-number)}"  # fmt: skip
    verb, noun = DRAW.pick(_VERBS, number, "verb"), DRAW.pick(_NOUNS, number, "noun")
    paths = (f"src/{noun}/{verb}.py", f"tests/test_{verb}_{noun}.py")
    files = tuple(_file(path, number, place) for place, path in enumerate(paths))
    return PullRequest(
        id=name,
        source="planted" if planted else "git",
        repository="planted:stdlib" if planted else "example.org/team/tool",
        group=name,
        title=f"{verb.capitalize()} each {noun} once, and say which was left out",
        body=f"Before, a {noun} could be taken twice when {verb} was called again.\n\n- {verb} keeps what it saw\n- a test",
        merged_at="" if planted else f"2026-0{1 + number % 9}-11T10:00:00Z",
        files=files,
        defect=_defect(files[0], number) if number % 6 == 0 else None,
        split=Split.EVAL,
        scan=SCAN,
    )


def _file(path: str, number: int, place: int) -> FileChange:
    lines = 18 + int(DRAW.share(number, place, "lines") * 40)
    body = [_code(number, place, n) for n in range(lines)]
    head = f"@@ -10,3 +10,{lines + 2} @@ def work():"
    patch = [head, " def work(items):", "-    return items", *(f"+{line}" for line in body), "     return found"]  # fmt: skip
    return FileChange(
        path=path, status=ChangeStatus.MODIFIED, language="python", patch="\n".join(patch) + "\n",
        added_lines=lines, deleted_lines=1,
    )  # fmt: skip


def _code(number: int, place: int, line: int) -> str:
    verb = DRAW.pick(_VERBS, number, place, line)
    noun, other = DRAW.pick(_NOUNS, number, line), DRAW.pick(_NOUNS, place, line, "other")
    return (
        f"    for {noun} in {verb}({other}s, limit={line}):",
        f"        if {noun}.{other} is None or len({noun}) < {line}:",
        f"            found.append({verb}_{other}({noun}, strict=True))",
        f"        log.debug('%s {verb}', {noun})",
    )[line % 4]


def _defect(file: FileChange, number: int) -> Defect:
    line = file.patch.split("\n")[4][1:]
    kind, _ = _FAULTS[number % len(_FAULTS)]
    return Defect(
        kind=kind.lower().replace(" ", "_"), path=file.path, start_line=12, end_line=12, defective=(line,),
        original=("    pass",), header=kind, content=kind,
    )  # fmt: skip


def value_of(request: PullRequest, tool: str, named: tuple[object, ...]) -> AnswerValue:
    """What is said of a pull request, in a length drawn by who says it."""
    path = request.files[0].path
    if tool == "describe":
        return Describe(
            type=(ChangeType.ENHANCEMENT,), title=request.title, description=words(named, 2),
            pr_files=tuple(
                DescribedFile(filename=file.path, changes_title=words((*named, file.path), 1)[:60], label="enhancement")
                for file in request.files
            ),
        )  # fmt: skip
    if tool == "review":
        count = int(DRAW.share(*named, "count") * 3)
        issues = tuple(_issue(path, (*named, n)) for n in range(count))
        return Review(
            estimated_effort_to_review=2, relevant_tests="yes", key_issues_to_review=issues,
            security_concerns="No",
        )  # fmt: skip
    line = request.files[0].patch.split("\n")[4][1:]
    return Improve(
        code_suggestions=(
            Suggestion(
                relevant_file=path, language="python", existing_code=line, suggestion_content=words(named, 1),
                improved_code=line.replace("is None", "== 0"), one_sentence_summary="Say what is meant", label="bug",
            ),
        )
    )  # fmt: skip


def _issue(path: str, named: tuple[object, ...]) -> KeyIssue:
    kind, _ = _FAULTS[int(DRAW.share(*named, "kind") * len(_FAULTS))]
    start = 11 + int(DRAW.share(*named, "line") * 6)
    return KeyIssue(
        relevant_file=path, issue_header=kind, issue_content=words(named, 1), start_line=start,
        end_line=start + 1,
    )  # fmt: skip


def words(named: tuple[object, ...], sentences: int) -> str:
    count = sentences + int(DRAW.share(*named, "length") * 3)
    return " ".join(
        _FAULTS[int(DRAW.share(*named, n) * len(_FAULTS))][1].format(
            noun=DRAW.pick(_NOUNS, *named, n, "noun"), verb=DRAW.pick(_VERBS, *named, n, "verb")
        )
        for n in range(count)
    )
