"""A handful of pull requests that are the same on every machine, with their old and new texts.

Every way of a version to write a diff is in them: several hunks near each other and far apart, an
enclosing function above, CRLF, other line breaks, no newline at the end, new, deleted and moved
files, hunks that only remove, one too large for a small budget, more files than are read whole, names
too many to list, and texts that the tokenizer refuses.
"""

from __future__ import annotations

from typing import Any

from pullsmith.diff.hunks import diff_hunks, write_hunks
from pullsmith.records import ChangeStatus, FileChange, PullRequest
from tests.contracts.builders import pull_request
from tests.oracle.pulls import around

# Templates of our own: what they say is all that a digest covers.
TEMPLATES = {
    "pr_description_prompt": "{{title}}|{{branch}}|{{description}}|{{commit_messages_str}}|{{diff}}",
    "pr_review_prompt": "{{num_pr_files}}|{{description}}|{{diff|trim}}",
    "pr_code_suggestions_prompt": "{{num_code_suggestions}}|{{diff_no_line_numbers|default(diff)}}",
    "pr_code_suggestions_reflect_prompt": "{{diff}}|{{suggestion_str|trim}}",
}
Texts = dict[str, tuple[str, str]]  # path to (old text, new text)


def _code(count: int, *, newline: str = "\n", break_at: int = 0) -> list[str]:
    """Functions of ten lines each."""
    lines = [
        f"def function_{at // 10}():{newline}" if at % 10 == 0 else f"    step_{at} = {at}{newline}"
        for at in range(count)
    ]
    if break_at:
        lines[break_at] = f"    a = '\x0c'{newline}"
    return lines


def _edited(lines: list[str], *edits: tuple[int, int, str]) -> str:
    """Lines x to y replaced, from the last edit to the first."""
    made = list(lines)
    for start, end, text in sorted(edits, reverse=True):
        made[start:end] = [text] if text else []
    return "".join(made)


def _texts() -> list[Texts]:
    plain, crlf, broken = _code(80), _code(40, newline="\r\n"), _code(60, break_at=12)
    near = _edited(
        plain, (14, 15, "    near = 1\n"), (23, 24, "    near = 2\n    more = 3\n"), (60, 64, "")
    )
    return [
        {"a.py": ("".join(plain), near), "b.rs": ("", "fn main() {\n}\n")},
        {"c.py": ("".join(crlf), _edited(crlf, (5, 6, "    x = 1\r\n"), (30, 31, ""))), "d.py": ("x = 1\n", "")},
        {"e.py": ("".join(broken), _edited(broken, (40, 41, "    y = '\u2028'\n"), (9, 10, "")))},
        {"f.py": ("one\ntwo", "one\nthree"), "g.txt": ("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nsix\n"),
         "h": ("only\n", "other\n")},
        {"large.py": ("", "".join(_code(900))), "small.py": ("".join(plain), "".join(plain[:50])),
         "i.py": ("".join(plain), near), "gone.py": ("".join(plain[:30]), "")},
        _many(plain[:30]),
        {"a.py": ("".join(plain), near), "j {x}.py": ("", "a = '{{ b }} <|fim_prefix|>'\n" * 30)},
    ]  # fmt: skip


def _many(lines: list[str]) -> Texts:
    """More files than PR-Agent reads, with long names; every sixth is new."""
    old, new = "".join(lines), _edited(lines, (15, 16, "    other = 1\n"), (28, 30, ""))
    names = [f"{'long_name_of_a_folder/' * 5}{number}.py" for number in range(58)]
    return {name: ("" if at % 6 == 0 else old, new) for at, name in enumerate(names)}


BODIES = {4: "Why.\n" * 300, 5: "### T\n### U\nmine", 6: "Why <|endoftext|>.\n" * 300}


def _change(path: str, old: str, new: str) -> FileChange:
    section = b"def enclosing():" if path == "a.py" else b"def function_2():"
    patch = write_hunks(diff_hunks(old.encode(), new.encode(), section=section)).decode()
    status = ChangeStatus.MODIFIED
    if not old or (not new and path in ("gone.py", "d.py")):
        status = ChangeStatus.DELETED if old else ChangeStatus.ADDED
    made = FileChange(path=path, status=status, patch=patch)
    return made.model_copy(update={"context": around(made, old.encode())})


def cases() -> list[tuple[PullRequest, dict[str, Any]]]:
    """Records, and what the driver is told of each."""
    return [_case(number, texts) for number, texts in enumerate(_texts())]


def _case(number: int, texts: Texts) -> tuple[PullRequest, dict[str, Any]]:
    made = pull_request(
        *(_change(path, old, new) for path, (old, new) in texts.items()),
        id=f"case@{number}", title=f"Case {number}", body=BODIES.get(number, "Why."),
        merged_at="2025-03-04T05:06:07Z", commit_messages=("First\n\nmore", "Second " * (600 if number == 5 else 1)),
    )  # fmt: skip
    files = [
        {"path": file.path, "status": file.status.value, "patch": file.patch,
         "old": texts[file.path][0], "new": texts[file.path][1]}
        for file in made.files
    ]  # fmt: skip
    return made, {
        "title": made.title, "body": made.body, "branch": made.branch, "files": files,
        "commits": list(made.commit_messages), "date": made.merged_at[:10],
    }  # fmt: skip
