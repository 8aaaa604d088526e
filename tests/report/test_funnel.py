"""The funnel: every reason counted, two examples by id, and nothing in it can steer page or terminal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from pullsmith.records import Drop, PullRequest, drop
from pullsmith.report.funnel import funnel
from pullsmith.report.markdown import markdown
from pullsmith.report.page import page
from pullsmith.report.reasons import meaning
from pullsmith.report.tables import funnel_table, reasons_table
from pullsmith.report.terminal import print_funnel
from pullsmith.store import JobKey, RunFolder
from pullsmith.tally import Tally
from tests.curated import finish, real, study
from tests.report.made import board

EVIL = "<script>alert(1)</script> \x1b[31m [x](y) | z"


def folder(path: Path, drops: list[Drop]) -> RunFolder:
    run = RunFolder(path)
    finish(run, "collect", PullRequest, [real(str(n)) for n in range(1, 4)])
    finish(run, "select", PullRequest, [real("1")])
    job = run.job(JobKey("select"))
    job.write_drops(drops)
    manifest = job.manifest()
    assert manifest is not None
    tally = Tally.of(records_in=1 + len(drops), records_out=1, drops=drops)
    job.finish(manifest.model_copy(update={"tally": tally}))
    return run


def many(count: int = 250) -> list[Drop]:
    bots = [drop("select", real(f"b{n}"), "bot", f"author {n}") for n in range(count)]
    return [*bots, drop("select", real("x"), "too_large", EVIL + " long" * 100)]


def test_every_reason_has_its_count_and_two_examples(tmp_path: Path) -> None:
    collect, select = funnel(study(), folder(tmp_path, many()))
    assert (collect.job, collect.dropped, collect.examples) == ("collect", {}, {})
    assert select.dropped == {"bot": 250, "too_large": 1}
    assert {reason: len(some) for reason, some in select.examples.items()} == {
        "bot": 2,
        "too_large": 1,
    }
    for one in select.examples["bot"]:
        assert one.detail == f"author {one.record_id.rpartition('@b')[2]}"
    assert len(select.examples["too_large"][0].detail) < 170
    # Drawn by id, so neither order nor batches decide.
    again = funnel(study(), folder(tmp_path / "again", many()[::-1]))[1]
    assert again.examples == select.examples


def test_the_tables_say_what_a_reason_means_and_its_share(tmp_path: Path) -> None:
    rows = funnel(study(), folder(tmp_path, many()))
    assert funnel_table(rows).rows[1] == ("select", "252", "1", "1", "250 bot, 1 too_large")
    bot, large = reasons_table(rows).rows
    assert bot[:3] == ("select: bot", "a program wrote it", "250 (99.2 %)")
    assert large[4] == "\N{EN DASH}"  # there is no second example


def test_page_markdown_and_terminal_show_hostile_details_as_text(tmp_path: Path) -> None:
    rows = funnel(study(), folder(tmp_path, many()))
    made = board().model_copy(update={"funnel": tuple(rows)})
    assert "<script>" not in page(made)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(made)
    assert "Why records were dropped" in page(made)
    assert "\\<script\\>" in markdown(made)
    out = StringIO()
    print_funnel(rows, Console(file=out, highlight=False, markup=False, width=100))
    assert "\x1b" not in out.getvalue()
    assert "250 (99.2 %)  select: bot: a program wrote it" in out.getvalue()


@pytest.mark.parametrize(
    ("job", "reason", "expected"),
    [
        ("clean", "no_op", "a suggestion replaces code by itself"),
        ("train/tiny", "too_long", "longer than train.max_length_tokens, and nothing is cut"),
        ("clean", "own:mine", "a rule of the study's own"),
        ("clean", "never_heard_of", ""),
    ],
)
def test_what_reasons_mean(job: str, reason: str, expected: str) -> None:
    assert meaning(job, reason) == expected
