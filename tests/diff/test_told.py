from __future__ import annotations

from pullsmith.diff.shown import ShownDiff
from pullsmith.diff.told import told
from tests.judged import pull_request, shown


def test_lines_have_the_numbers_of_the_new_file_and_texts_stand_as_they_are() -> None:
    request = pull_request().model_copy(
        update={
            "branch": "fix/load\x1b[31m",
            "body": "\n Loads less. \n",
            "commit_messages": ("Load less", "Load nothing"),
        }
    )
    texts = told(request, shown(request))
    assert texts["title"] == "Change one"
    assert "\x1b" not in texts["branch"]
    assert texts["description"] == "Loads less."
    assert texts["commits"] == "Load less\nLoad nothing"
    assert any(
        line.split()[:1] == ["2"] and "path == None" in line for line in texts["diff"].split("\n")
    )
    assert texts["omitted"] == ""


def test_what_is_not_there_is_empty_and_what_was_left_out_is_named() -> None:
    request = pull_request()
    whole = shown(request)
    part = ShownDiff(files=(), omitted=("app/load.py",))
    assert told(request, whole)["description"] == ""
    assert told(request, part)["omitted"] == "app/load.py"
    assert told(request, part)["diff"] == ""
