"""Loading a user's own tool: what comes of its folder, and the one clear line where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.contracts.canonical import build_value
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import BUILT_IN, DiffForm
from pullsmith.errors import StudyError
from tests.contracts.builders import pull_request, shown_whole
from tests.contracts.folders import CODE, EXAMPLE, load, study_with, write_tool
from tests.judged import study

SHOWN = shown_whole(pull_request())


def test_a_study_without_any_has_those_that_are_built_in() -> None:
    assert dict(tools_of(study())) == dict(BUILT_IN)


def test_the_folder_becomes_a_tool(tmp_path: Path) -> None:
    folder = write_tool(tmp_path, part__j2="more", notes__txt="for people")
    tools = tools_of(study_with(folder))
    tool = tools["note"]
    assert (tool.name, tool.task) == ("note", "leave a note.")
    value = build_value("note", {"file": "ghost.py", "note": "n"}, tools)
    assert isinstance(value, tool.answer)
    assert tool.faults(value, SHOWN) == ("wrong_place: ghost.py",)
    assert tool.faults(value.model_copy(update={"file": "new.py"}), SHOWN) == ()
    assert tool.templates is not None
    assert set(tool.templates.sources) == {"system.j2", "user.j2", "part.j2"}
    assert (dict(tool.limits), tool.templates.diff) == ({}, DiffForm.PLAIN)
    # Nothing is written beside the user's code.
    assert sorted(path.name for path in folder.iterdir()) == [
        "notes.txt", "part.j2", "system.j2", "tool.py", "user.j2",
    ]  # fmt: skip


def test_what_may_be_left_out_and_what_may_be_said(tmp_path: Path) -> None:
    bare = CODE.partition("def faults")[0].replace('TASK = "leave a note."', "")
    tool = load(write_tool(tmp_path / "bare", tool__py=bare))
    assert tool.task == "A note."
    value = build_value("note", {"file": "ghost.py", "note": "n"}, {"note": tool})
    assert tool.faults(value, SHOWN) == ()
    full = CODE + 'LIMITS = {"note": 9}\nDIFF = "numbered"\n'
    said = load(write_tool(tmp_path / "full", tool__py=full))
    assert dict(said.limits) == {"note": 9}
    assert said.templates is not None
    assert said.templates.diff is DiffForm.NUMBERED


def test_its_code_runs_once_and_again_when_a_byte_changes(tmp_path: Path) -> None:
    folder = write_tool(tmp_path)
    first = load(folder)
    assert load(folder) is first
    write_tool(folder, user__j2='{% include "pull_request.j2" %}\n')
    second = load(folder)
    assert second.digest != first.digest
    assert second.answer is not first.answer
    (folder / ".hidden").write_text("")
    (folder / "__pycache__").mkdir()
    assert load(folder) is second


def test_annotations_are_looked_up_in_the_tools_own_module(tmp_path: Path) -> None:
    code = "from __future__ import annotations\n" + CODE.replace(
        "class Answer", "class Part(AnswerValue):\n    note: Text\n\n\nclass Answer"
    ).replace("    note: Text\n\n\ndef", "    note: tuple[Part, ...]\n\n\ndef")
    tools = {"note": load(write_tool(tmp_path, tool__py=code))}
    value = build_value("note", {"file": "a", "note": [{"note": "n"}]}, tools)
    assert value.model_dump() == {"file": "a", "note": ({"note": "n"},)}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        load(tmp_path / "none")
    assert str(caught.value) == (
        f"tool 'note': {tmp_path}/none: expected a folder with tool.py, system.j2 and user.j2, "
        "found No such file or directory"
    )


@pytest.mark.parametrize("missing", ["tool.py", "system.j2", "user.j2"])
def test_a_file_that_is_not_there(tmp_path: Path, missing: str) -> None:
    folder = write_tool(tmp_path)
    (folder / missing).unlink()
    with pytest.raises(StudyError, match=f"{tmp_path}: expected {missing}, found s?"):
        load(folder)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = (", "tool.py cannot be run: SyntaxError: "),
        ("import re\n\nre.compile('(')", "tool.py cannot be run, line 3: "),
        ("", "expected class Answer(AnswerValue), found none; from pullsmith"),
        ("class Answer:\n    file: str", "expected class Answer(AnswerValue), found <class"),
        (CODE.replace("file: Text", "file: str = 'a'"), "Answer.file: expected no default"),
        (CODE.replace('"leave a note."', '""'), "expected TASK = \"one sentence for judges\", found ''"),
        (CODE.replace('"leave a note."', '"a\\nb"'), "expected TASK"),
        (CODE.replace('TASK = "leave a note."', "").replace('"""A note."""', ""), "expected TASK"),
        (CODE + 'LIMITS = {"nota": 3}', "expected LIMITS = {field of Answer: most characters}, found {'nota': 3}"),
        (CODE + 'LIMITS = {"note": True}', "expected LIMITS"),
        (CODE + 'DIFF = "side by side"', "expected DIFF one of plain, decoupled, numbered, found 'side by side'"),
        (CODE + "faults = 3", "expected def faults(answer, shown), found 3"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_its_code_is_one_clear_line(
    tmp_path: Path, code: str, message: str
) -> None:
    folder = write_tool(tmp_path, tool__py=code)
    with pytest.raises(StudyError, match=re.escape(message)) as caught:
        load(folder)
    assert str(caught.value).startswith(f"tool 'note': {folder}: tool.py")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return ['no code']", "tool.py: expected faults as 'code: where', found 'no code'"),
        ("return 'code: where'", "expected faults as 'code: where', found 'c'"),
        ("return [3]", "expected faults as 'code: where', found 3"),
        ("return None", "tool.py: faults raised TypeError"),
        ("x = 1\n    return [answer.nothing]", "line 3: faults raised AttributeError"),
    ],
)
def test_what_is_wrong_with_its_faults_is_told_when_they_are_asked(
    tmp_path: Path, body: str, message: str
) -> None:
    code = f"def faults(answer, shown):\n    {body}\n" + CODE.partition("def faults")[0]
    tool = load(write_tool(tmp_path, tool__py=code))
    value = build_value("note", {"file": "a", "note": "n"}, {"note": tool})
    with pytest.raises(StudyError, match=re.escape(message)):
        tool.faults(value, SHOWN)


def test_templates_are_texts(tmp_path: Path) -> None:
    folder = write_tool(tmp_path)
    (folder / "user.j2").write_bytes(b"\xff")
    with pytest.raises(StudyError, match=r"user\.j2: expected UTF-8, found invalid start byte"):
        load(folder)


def test_the_worked_example_loads() -> None:
    tool = load(EXAMPLE, "commit-message")
    fields = {"kind": "fix", "subject": "Fix it", "body": "See `src/upload.py` and `src/lost.py`"}
    value = build_value("commit-message", fields, {"commit-message": tool})
    assert tool.faults(value, SHOWN) == ("file_not_shown: src/lost.py",)
    assert dict(tool.limits) == {"body": 1000}
