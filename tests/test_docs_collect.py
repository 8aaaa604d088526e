"""docs/collect.md: every block loads or runs, every code it names exists, and every code that exists is named."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.cli.shown_pull_request import pull_request
from pullsmith.cli.shown_records import Cut
from pullsmith.collect.confidence import Reason
from pullsmith.collect.planted.kinds import KINDS
from pullsmith.collect.styles import STYLES
from pullsmith.records import PullRequest
from pullsmith.study import parse_study
from tests.cli.test_show import RECORD, shown
from tests.collect.repositories import ADA, FORGE, Teller, git
from tests.discover.hours import comment, full, hour

PACKAGE = Path(__file__).parents[1] / "src" / "pullsmith"
PAGE = (Path(__file__).parents[1] / "docs" / "collect.md").read_text(encoding="utf-8")
STUDY = 'name = "page"\nstudent = [{ model = "tiny" }]\n'


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def table(heading: str) -> dict[str, str]:
    """First cell to second of the table below a heading."""
    below = PAGE.split(heading, maxsplit=1)[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in below.splitlines() if line.startswith("|")]
    return {row[0].strip(): row[1].strip() for row in rows[2:]}


def codes(text: str) -> set[str]:
    return set(re.findall(r"`([a-z][a-z_:]+)`", text))


TOML = [text if text.startswith("name") else STUDY + text for text in blocks("toml")]
SHELL = [line.partition("  #")[0] for text in blocks("sh") for line in text.splitlines()]


def test_the_page_has_blocks() -> None:
    assert len(TOML) >= 13
    assert len(SHELL) >= 10


@pytest.mark.parametrize("text", TOML)
def test_every_study_block_loads_and_dry_runs(text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.toml"
    path.write_text(text)
    done = CliRunner().invoke(main, ["run", str(path), "--dry-run"])
    assert done.exit_code == 0, done.output


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clones and the folder of code that the page speaks of, small."""
    for name in ("one", "two"):
        told = Teller()
        main_line = told.commit(
            f"First of {name}", {"a.py": b"def f(a, b):\n    return a\n", "LICENSE": b"?"}
        )
        for number in range(1, 13):
            body = f"def f{number}(one, two):\n    if one > two:\n        return g(one, two)\n    return {number}\n"
            branch = told.commit(
                f"Change {number}", {f"m{number}.py": body.encode()}, main_line, author=ADA
            )
            message = (
                f"Merge pull request #{number} from ada/b{number}\n\nChange {number} of {name}"
            )
            main_line = told.commit(
                message, {f"m{number}.py": body.encode()}, main_line, branch, committer=FORGE
            )
        told.make(tmp_path / "clones" / name)
    code = tmp_path / "code"
    code.mkdir()
    for number in range(40):
        # Functions of several shapes, so that every kind has somewhere to stand.
        (code / f"m{number}.py").write_text(
            f"def total{number}(values, start):\n    if start is None:\n        start = {number}\n"
            "    for value in values:\n        start += value\n    return start\n"
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_line(line: str, folder: Path) -> None:
    assert line.startswith("git ")
    git(folder, *shlex.split(line)[1:])


def test_the_bundle_is_made_as_the_page_says_and_collected(places: Path) -> None:
    (line,) = (line for line in SHELL if "bundle create" in line)
    run_line(line, places)
    (text,) = (text for text in TOML if "one.bundle" in text)
    assert collected(text, places) == 12


@pytest.mark.parametrize(
    "text",
    [text for text in TOML if "{ git" in text and "github" not in text and "bundle" not in text],
)
def test_every_git_block_collects(text: str, places: Path) -> None:
    several = ("clones/two" in text) + ('"clones"' in text)
    expected = 24 if several else 12
    planted = "stdlib" in text
    number = collected(
        text.replace("fill_to = 3000", "fill_to = 30").replace("count = 100", "count = 5"), places
    )
    assert (number > expected) if planted else (number == expected)


def collected(text: str, folder: Path) -> int:
    """How many records ``pullsmith collect`` writes for a study."""
    from pullsmith.pipeline import run_folder
    from pullsmith.study import load_study

    path = folder / "page.toml"
    path.write_text(text)
    done = CliRunner().invoke(main, ["collect", str(path)])
    assert done.exit_code == 0, done.output
    return sum(1 for _ in run_folder(load_study(path)).read("collect", PullRequest))


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("pullsmith ")])
def test_every_command_line_parses(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name, *arguments = shlex.split(line.partition(" | ")[0])[1:]
    command = main.commands[name]
    with click.Context(main) as parent:
        command.make_context(name, list(arguments), parent=parent)


def test_no_other_command_is_shown() -> None:
    assert {line.split()[0] for line in SHELL if line} == {"pullsmith", "git"}


def test_what_discover_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hours").mkdir()
    hour(
        tmp_path / "hours",
        "2025-01-01-0",
        *[full(n, by="ben") for n in range(12)],
        comment(1, "ann"),
    )
    hour(tmp_path / "hours", "2025-01-01-2", full(1, repo="small/one"))
    monkeypatch.chdir(tmp_path)
    first = next(line for line in SHELL if line.startswith("pullsmith discover"))
    done = CliRunner().invoke(main, shlex.split(first)[1:])
    assert f"```\n{done.stdout}```" in PAGE
    toml = CliRunner().invoke(main, ["discover", "hours", "--toml"]).stdout
    assert len(parse_study(STUDY + toml).collect.sources) == 2


def test_what_show_prints() -> None:
    assert f"```\n{shown(pull_request(RECORD, Cut()))}```" in PAGE


def test_every_field_of_a_record_is_in_words() -> None:
    named = {code for cell in table("## What a record holds") for code in codes(cell)}
    assert named == set(PullRequest.model_fields) - {"schema_version"}


def test_every_reason_stands_with_its_confidence() -> None:
    said = {
        code: float(second)
        for first, second in table("`confidence_reason` says").items()
        for code in codes(first)
    }
    assert said == {reason.value: reason.confidence for reason in Reason}


def test_every_evidence_is_named_and_none_that_is_not_there() -> None:
    below = PAGE.split("`evidence` is the style of the mark.")[1].split("`confidence_reason` says")[
        0
    ]
    named = {
        code
        for line in below.splitlines()
        if line.startswith("| `")
        for code in codes(line.split("|")[1])
    }
    styles = {name for style in STYLES for name in (style.merge, style.single) if name}
    assert named == styles | {"pull_ref", "first_parent"}


def test_every_kind_of_defect_is_named() -> None:
    kinds = PAGE.split("The kinds:")[1].split("\n## ")[0]
    assert codes(kinds) == set(KINDS)


def test_every_drop_reason_of_git_exists() -> None:
    named = {code for cell in table("## What is dropped") for code in codes(cell)}
    assert len(named) > 10
    source = "\n".join(
        path.read_text() for path in [*PACKAGE.rglob("collect/**/*.py"), PACKAGE / "errors.py"]
    )
    assert {name for name in named if f'"{name}"' not in source} == set()
    said = set(re.findall(r'SourceError\([^()]*(?:\([^()]*\)[^()]*)*reason="([a-z_]+)"', source))
    assert said
    assert said - named == set()
