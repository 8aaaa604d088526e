"""People asked and heard through the command line: exit code 4, the command to go on, and on it goes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.decisions import FILE_NAME
from pullsmith.records import Example, PullRequest, Split
from pullsmith.store import RunFolder
from tests.curate.made import desk, run_of, to_clean

STUDY = """
name = "small"
teacher = [{ model = "rules+truth", contract = "compact-1" }]
student = [{ model = "tiny", contract = "compact-1" }]
[collect]
sources = [{ planted = "stdlib", count = 12, clean_share = 0.5, eval_share = 0.5 }]
[eval]
per_tool = 2
chosen_by = "human"
[clean]
review = 3
"""


REJECT = {"decision": "reject", "text": "is too vague to act on", "who": "bob"}
KEEP = {"decision": "keep", "who": "ada"}


def pullsmith(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def fill_in(path: Path, *said: dict[str, str]) -> list[str]:
    """Write what somebody says into the first lines of an exported file; their names."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    words = [*said, *({} for _ in rows)]
    filled = [row | words[at] for at, row in enumerate(rows)]
    path.write_text("".join(json.dumps(row) + "\n" for row in filled))
    return [row["name"] for row in rows]


def stops(study: Path, message: str) -> None:
    """Run until clean: people are asked for, and the command is told."""
    stopped = pullsmith("run", study, "--until", "clean")
    assert stopped.exit_code == 4
    assert message in stopped.output
    assert "pullsmith curate STUDY.toml" in stopped.output


def pick(study: Path, folder: Path) -> list[str]:
    """Pick two of the short-list through a file; their names."""
    file = folder / "picks.jsonl"
    exported = pullsmith("curate", study, "--export", file, "--queue", "choose", "--as", "ada")
    assert exported.output.endswith("picks.jsonl: 6 lines of choose\n")
    names = fill_in(file, {"decision": "pick"}, {"decision": "pick", "text": "rare"})[:2]
    assert "2 pick, 4 without a decision" in pullsmith("curate", study, "--import", file).output
    return names


def test_a_run_stops_for_people_and_goes_on_with_what_they_said(tmp_path: Path) -> None:
    study, file = tmp_path / "small.toml", tmp_path / "file.jsonl"
    study.write_text(STUDY)
    run = RunFolder(tmp_path / "runs" / "small")
    told = pullsmith("curate", study, "--agreement")
    assert told.exit_code == 1
    assert "nothing to clean yet: pullsmith run STUDY.toml" in told.output
    stops(study, "0 of 2 pull requests are picked")
    picked = pick(study, tmp_path)
    stops(study, "people have looked at 0 of 3 examples")
    evaluated = [r.id for r in run.read("split", PullRequest) if r.split is Split.EVAL]
    assert sorted(evaluated) == sorted(picked)  # what people picked is what is evaluated

    assert pullsmith("curate", study, "--export", file).exit_code == 0
    names = fill_in(file, REJECT, KEEP)
    pullsmith("curate", study, "--import", file)
    stops(study, "looked at 2 of 3")
    fill_in(file, REJECT, KEEP, KEEP)
    assert "1 keep, 2 there already" in pullsmith("curate", study, "--import", file).output
    done = pullsmith("run", study, "--until", "clean")
    assert done.exit_code == 0, done.output
    assert set(names) - {example.id for example in run.read("clean", Example)} == {names[0]}
    assert "done" in re.findall(r"clean +(\w+)", pullsmith("status", study).output)

    later(study, tmp_path / "later.jsonl", run)


def later(study: Path, file: Path, run: RunFolder) -> None:
    """A decision made later makes clean stale, which is said and never done in silence."""
    assert pullsmith("curate", study, "--export", file).exit_code == 0
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert {row["decision"] for row in rows} == {"reject", "keep", ""}  # all people are asked about
    one = next(row for row in rows if not row["decision"])
    file.write_text(json.dumps({**one, **REJECT}))
    assert pullsmith("curate", study, "--import", file).exit_code == 0
    stale = pullsmith("run", study, "--until", "clean")
    assert stale.exit_code == 1
    assert "clean was made with other settings: decisions" in stale.output
    assert pullsmith("clean", study, "--restart").exit_code == 0
    assert one["name"] not in {example.id for example in run.read("clean", Example)}


def test_what_is_refused_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    study, file = tmp_path / "test.toml", tmp_path / "file.csv"
    study.write_text(
        f'name = "test"\nruns = "{asked.runs}"\nstudent = [{{ model = "tiny", contract = "compact-1" }}]\n'
        '[collect]\nsources = [{ planted = "stdlib", count = 1 }]\n[clean]\nreview = 2\n'
    )
    name = desk(asked).clean.names()[0]
    file.write_text(f'queue,name,who,decision,text,digest\nclean,"{name}",ada,keep,,old\n')
    done = pullsmith("curate", study, "--import", file)
    assert done.exit_code == 1
    assert f"{file}: nothing new, 1 refused\n" in done.output
    assert f"line 2: {name} has changed since it was shown" in done.output
    (run_of(asked).path / FILE_NAME).write_bytes(b'{"half')
    told = pullsmith("curate", study, "--agreement")
    assert "decisions.jsonl: line 1 is broken off and does not count" in told.output
    assert "no two people have decided on the same thing yet" in told.output


def test_agreement_is_a_table_or_json_and_names_what_people_differ_on(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    made = desk(asked)
    one, other, *_ = made.clean.names()
    for name in (one, other):
        made.clean.keep(name, who="ada", digest=made.clean.item(name).digest)
    made.clean.keep(one, who="bob", digest=made.clean.item(one).digest)
    made.clean.reject(other, "wrong", who="bob", digest=made.clean.item(other).digest)
    study = tmp_path / "test.toml"
    study.write_text(
        f'name = "test"\nruns = "{asked.runs}"\nstudent = [{{ model = "tiny", contract = "compact-1" }}]\n'
        '[collect]\nsources = [{ planted = "stdlib", count = 1 }]\n'
    )
    shown = pullsmith("curate", study, "--agreement").output
    assert re.search(r"clean +2 +8 +0 +1\n", shown)
    assert re.search(r"clean +ada +bob +2 +0\.50 \[", shown)
    assert f"the last word counts on what they differ on:\n  {other}\n" in shown
    told = json.loads(pullsmith("curate", study, "--agreement", "--json").stdout)
    assert told["agreement"][0]["raw"]["value"] == 0.5
    assert [each["queue"] for each in told["progress"]] == ["clean", "choose", "judge"]


@pytest.mark.parametrize(
    "options",
    [("--agreement", "--export", "x.csv"), ("--export", "x.csv", "--import", "y.csv")],
)
def test_one_thing_at_a_time(tmp_path: Path, options: tuple[str, ...]) -> None:
    study = tmp_path / "small.toml"
    study.write_text(STUDY)
    done = pullsmith("curate", study, *options)
    assert done.exit_code == 2
    assert "are asked for one at a time" in done.output
