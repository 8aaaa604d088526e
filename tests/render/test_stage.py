"""The render stage on a tiny study: every tool and contract, one coverage, drops with reasons."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.contract import find_contract
from pullsmith.contracts.task import Task
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.records import Coverage, Drop, Message, Prompt, PullRequest, ShownFile, Split
from pullsmith.render import stage
from pullsmith.render.prompts import render
from pullsmith.store import JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study, parse_study
from pullsmith.tally import Tally
from pullsmith.tokens import Counter
from tests.contracts.builders import change, planted_pull_request, pull_request
from tests.contracts.folders import write_tool

STUDY = """
name = "tiny"
[collect]
sources = [{ planted = "stdlib", count = 1 }]
[[student]]
model = "tiny"
contract = "compact-1"
[render]
max_diff_tokens = 400
"""
PATCH = "@@ -1 +1,2 @@ def f\n x = 1\n+y = 2\n"
LONG = "@@ -1,0 +1,200 @@\n" + "+word word\n" * 200


def study(*overrides: str) -> Study:
    return parse_study(STUDY, overrides=overrides)


def subjects() -> list[PullRequest]:
    return [
        pull_request(change("a.py", PATCH), id="a", split=Split.EVAL),
        planted_pull_request("TRUTH").model_copy(update={"id": "planted:b"}),
        pull_request(change("c.py", PATCH), change("d.py", LONG), id="c"),
        pull_request(change("e.py", PATCH), id="e", flags=("spot",)),
        pull_request(change("f.bin", binary=True), id="f"),
        pull_request(change("g.py", LONG), id="g"),
        pull_request(change("h.py", PATCH), id="h", flags=("spot",), split=Split.EVAL),
    ]


def run(
    folder: Path, settings: Study, rows: list[PullRequest], workers: int = 1
) -> tuple[StageResult, list[Prompt], list[Drop]]:
    """Render ``rows`` as if split had just written them."""
    runs = RunFolder(folder)
    split, job = runs.job(JobKey("split")), runs.job(JobKey("render"))
    for one in (split, job):
        make_folder(one.path)
    split.write(PullRequest, rows)
    job.clear_rows()
    finish(split.path, "split", len(rows))
    result = stage.run(StageContext(study=settings, run=runs, job=job, workers=workers))
    finish(job.path, "render", 0)
    return result, list(job.read(Prompt)), list(job.drops())


def finish(folder: Path, name: str, count: int) -> None:
    manifest = Manifest(
        pullsmith_version="0", stage=name, cell=None, settings={}, inputs={},
        tally=Tally(records_in=count, records_out=count, dropped={}, rows=count),
        output_digest="", versions={}, measured={},
    )  # fmt: skip
    (folder / "manifest.json").write_text(manifest.model_dump_json(), encoding="utf-8")


def test_every_tool_and_contract_and_every_drop(tmp_path: Path) -> None:
    result, prompts, drops = run(tmp_path, study(), subjects())
    asked = sorted((p.pull_request_id, p.tool, p.contract) for p in prompts)
    assert asked == sorted(
        [
            (name, tool, contract)
            for name in ("a", "planted:b", "c")
            for tool in ("describe", "review", "improve")
            for contract in ("compact-1", "native-1")
        ]
        + [("e", "spot", "compact-1")]
    )
    assert {(d.record_id, d.reason) for d in drops} == {
        ("f", "nothing_to_show"),
        ("g", "over_budget"),
        ("h", "spot_on_eval"),
    }
    assert "f.bin: binary_file" in next(d.detail for d in drops if d.record_id == "f")
    assert result.tally.records_in == 7
    assert result.tally.records_out == 4
    assert result.tally.rows == len(prompts) == 19


def test_a_prompt_carries_its_side_its_scan_and_its_id(tmp_path: Path) -> None:
    _, prompts, _ = run(tmp_path, study(), subjects()[:1])
    assert [p.id for p in prompts] == [
        "a#describe/compact-1/0", "a#describe/native-1/0", "a#improve/compact-1/0",
        "a#improve/native-1/0", "a#review/compact-1/0", "a#review/native-1/0",
    ]  # fmt: skip
    assert {p.split for p in prompts} == {Split.EVAL}
    assert {p.scan.rules_version for p in prompts} == {"1"}
    assert {p.messages[0].role for p in prompts} == {"system"}


def test_every_contract_shows_the_same(tmp_path: Path) -> None:
    _, prompts, _ = run(tmp_path, study(), subjects())
    coverages: dict[tuple[str, str], list[Coverage]] = defaultdict(list)
    for prompt in prompts:
        coverages[prompt.pull_request_id, prompt.tool].append(prompt.coverage)
    assert any(coverage.omitted for found in coverages.values() for coverage in found)
    for found in coverages.values():
        assert all(coverage == found[0] for coverage in found)
    partly = [p for p in prompts if p.pull_request_id == "c"]
    assert all("y = 2" in p.messages[1].content for p in partly)
    assert not any("word word" in p.messages[1].content for p in partly)


def test_a_coverage_counts_the_added_lines_that_are_shown(tmp_path: Path) -> None:
    short = change("a.py", PATCH, added_lines=1)
    subject = pull_request(short, change("d.py", LONG, added_lines=200), id="c")
    _, prompts, _ = run(tmp_path, study(), [subject])
    counts = {(p.coverage.added_lines_shown, p.coverage.added_lines) for p in prompts}
    assert counts == {(1, 201)}


def test_no_byte_of_a_defect_reaches_a_prompt(tmp_path: Path) -> None:
    _, prompts, _ = run(tmp_path, study(), subjects())
    assert any(p.pull_request_id == "planted:b" for p in prompts)
    assert not any("TRUTH" in p.model_dump_json() for p in prompts)


def test_a_drop_keeps_the_record_whole(tmp_path: Path) -> None:
    planted = planted_pull_request("TRUTH")
    _, prompts, drops = run(tmp_path, study("render.max_diff_tokens=16"), [planted])
    assert prompts == []
    assert PullRequest.model_validate_json(drops[0].record_json) == planted


def test_drop_over_budget_drops_what_would_be_shown_in_part(tmp_path: Path) -> None:
    _, _, drops = run(tmp_path, study("render.drop_over_budget=true"), subjects())
    assert {d.record_id: d.reason for d in drops}["c"] == "over_budget"
    lock = pull_request(change("a.py", PATCH), change("x.lock", LONG, flags=("lock",)))
    strict = study("render.drop_over_budget=true")
    assert not isinstance(render(lock, strict, [find_contract("native-1")]), Drop)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        run(tmp_path / name, study(), subjects()[:: 1 if name == "one" else -1])
    for file in ("rows-00000.parquet", "dropped.parquet"):
        first, second = (tmp_path / n / "render" / file for n in ("one", "other"))
        assert first.read_bytes() == second.read_bytes()


def test_shards_and_workers_change_no_byte_and_what_is_there_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [pull_request(change("a.py", PATCH), id=f"p{n:02d}") for n in range(9)]
    rows += [pull_request(change("f.bin", binary=True), id=f"q{n}") for n in range(3)]
    whole = run(tmp_path / "whole", study(), rows)
    monkeypatch.setattr("pullsmith.render.shards.SHARD_BYTES", 2000)
    parts = run(tmp_path / "parts", study(), rows, workers=2)
    assert parts == whole
    assert parts[0].measured == {"diff_tokens": sum(p.coverage.diff_tokens for p in parts[1])}
    for file in ("rows-00000.parquet", "dropped.parquet"):
        one, other = (tmp_path / n / "render" / file for n in ("whole", "parts"))
        assert pq.read_table(one) == pq.read_table(other)
    work = sorted((tmp_path / "parts/render/work").rglob("*.parquet"))
    before = [path.stat().st_mtime_ns for path in work]
    assert len(work) > 4
    run(tmp_path / "parts", study(), rows)
    assert [path.stat().st_mtime_ns for path in work] == before


def test_a_tool_of_the_users_own_is_rendered_alike_in_worker_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_tool(tmp_path / "note")
    asked = study(
        f'tool=[{{ name = "note", folder = {str(folder)!r} }}]',
        'render.tools=["note"]',
        "student.0.contract=native-1",
    )
    rows = [pull_request(change("a.py", PATCH), id=f"p{n:02d}") for n in range(6)]
    whole = run(tmp_path / "whole", asked, rows)
    monkeypatch.setattr("pullsmith.render.shards.SHARD_BYTES", 2000)
    assert run(tmp_path / "parts", asked, rows, workers=2) == whole
    assert {p.tool for p in whole[1]} == {"note"}
    assert len(whole[1]) == 6


def test_a_contract_without_a_form_for_it_is_refused_before_anything_is_rendered(
    tmp_path: Path,
) -> None:
    folder = write_tool(tmp_path / "note")
    asked = study(f'tool=[{{ name = "note", folder = {str(folder)!r} }}]', 'render.tools=["note"]')
    with pytest.raises(StudyError, match="student tiny: contract compact-1 has no form for note"):
        run(tmp_path, asked, subjects())
    assert not list((tmp_path / "render").rglob("*.parquet"))


def test_a_contract_that_plans_decides_what_is_shown_in_every_contract_part_by_part() -> None:
    subject = pull_request(change("a.py", PATCH), change("b.py", PATCH), id="p")
    contracts = [find_contract("native-1"), find_contract("compact-1"), _Planning()]
    prompts = render(subject, study('render.tools=["review"]'), contracts)
    assert not isinstance(prompts, Drop)
    assert [p.id for p in prompts] == [
        f"p#review/{name}/{part}"
        for name in ("native-1", "compact-1", "planning")
        for part in (0, 1)
    ]
    for prompt in prompts:
        assert [file.path for file in prompt.coverage.shown] == [("a.py", "b.py")[prompt.part]]
        assert ("b.py" in prompt.messages[1].content) == (prompt.part == 1)


def test_a_prompt_keeps_the_options_that_its_contract_could_say() -> None:
    subject = pull_request(change("a.py", PATCH), id="p")
    asked = study('contract.options.review={max_findings=1, extra_instructions="Mind the locks."}')
    contracts = [find_contract("native-1"), find_contract("compact-1")]
    prompts = render(subject, asked, contracts)
    plain = render(subject, study(), contracts)
    assert not isinstance(prompts, Drop)
    assert not isinstance(plain, Drop)
    changed = [prompt.id for prompt in prompts if prompt not in plain]
    assert changed == ["p#review/native-1/0"]
    options = {p.id: p.options for p in prompts}
    assert options["p#review/native-1/0"] == asked.contract.options_of("review")
    assert "Mind the locks." in next(p for p in prompts if p.id in changed).messages[0].content


class _Planning:
    """Puts one file into each prompt."""

    id = "planning"
    origin = "a test"
    tools = ("review",)

    def plan(self, tool: str, pull_request: PullRequest, count: Counter) -> tuple[Coverage, ...]:
        return tuple(
            Coverage(shown=(ShownFile(path=file.path, hunks=(0,)),)) for file in pull_request.files
        )

    def speaks(self, tool: str) -> frozenset[str]:
        return frozenset()

    def messages(self, task: Task) -> tuple[Message, ...]:
        text = " ".join(file.path for file in task.shown.files)
        return (Message(role="system", content=task.tool), Message(role="user", content=text))

    def write(self, task: Task, value: AnswerValue) -> str:
        raise NotImplementedError

    def parse(self, task: Task, text: str) -> AnswerValue:
        raise NotImplementedError


def test_a_spot_without_a_contract_that_knows_it_is_dropped() -> None:
    spot = subjects()[3]
    dropped = render(spot, study(), [find_contract("native-1")])
    assert isinstance(dropped, Drop)
    assert dropped.reason == "no_contract"


def test_the_studys_counter_counts_the_same_in_every_run(tmp_path: Path) -> None:
    found = {}
    for tokens in ("estimate", "tekken"):
        settings = study(f"render.tokens={tokens}", "render.max_diff_tokens=2000")
        once, prompts, _ = run(tmp_path / tokens, settings, subjects())
        twice, again, _ = run(tmp_path / f"{tokens} again", settings, subjects(), workers=2)
        assert (once, prompts) == (twice, again)
        found[tokens] = [prompt.coverage.diff_tokens for prompt in prompts]
    assert found["estimate"] != found["tekken"]


def test_an_unknown_counter_is_refused_before_anything_is_rendered(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="unknown token counter 'tekkn': did you mean 'tekken'"):
        run(tmp_path, study("render.tokens=tekkn"), subjects())


@pytest.mark.parametrize("field", ["scan", "split"])
def test_what_was_not_scanned_or_split_is_refused(field: str) -> None:
    good = subjects()[0]
    contracts = [find_contract("native-1")]
    assert not isinstance(render(good, study(), contracts), Drop)
    with pytest.raises(RunFolderError, match=f"a: field {field} is empty"):
        render(good.model_copy(update={field: None}), study(), contracts)


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ('["revew"]', "unknown tool 'revew'; did you mean 'review'"),
        ('["zzz"]', "known: describe, review, improve"),
        ('["review", "review"]', "a tool is named twice"),
    ],
)
def test_wrong_tools_are_refused(tmp_path: Path, tools: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run(tmp_path, study(f"render.tools={tools}"), [])
