"""Folders of a user's own tool, for the tests that load them."""

from __future__ import annotations

from pathlib import Path

from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import Tool
from pullsmith.study import Study
from pullsmith.study.tool import ToolSettings
from tests.judged import study

EXAMPLE = Path(__file__).parents[2] / "studies" / "commit-message" / "tool"
CODE = '''
from pullsmith.contracts.answers import AnswerValue, Text

TASK = "leave a note."


class Answer(AnswerValue):
    """A note."""

    file: Text
    note: Text


def faults(answer, shown):
    if shown.file(answer.file) is None:
        yield f"wrong_place: {answer.file}"
'''
SYSTEM = (
    '{% include "diff.j2" %}\n{% include "yaml_rules.j2" %}\n\n{% include "options.j2" %}\nBegin.\n'
)
USER = '{% include "pull_request.j2" %}\n\nLeave a note.\n```yaml\n'


def write_tool(folder: Path, **files: str) -> Path:
    """A folder with the three files; ``files`` replaces or adds some, with ``__`` for the dot."""
    made = {"tool.py": CODE, "system.j2": SYSTEM, "user.j2": USER}
    made |= {name.replace("__", "."): text for name, text in files.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def study_with(folder: Path, name: str = "note", **parts: object) -> Study:
    """A study that has the tool in ``folder``."""
    return study(**{"tool": [ToolSettings(name=name, folder=folder)], **parts})


def load(folder: Path, name: str = "note") -> Tool:
    """The tool in ``folder``."""
    return tools_of(study_with(folder, name))[name]
