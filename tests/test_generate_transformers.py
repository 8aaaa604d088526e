"""``pullsmith generate`` against ``transformers serve``, the server people have, with a model of two layers."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pullsmith.cli import main
from pullsmith.ports import LOOPBACK, take_port
from pullsmith.records import Answer
from pullsmith.rows import read_rows
from pullsmith.serve.running import program, url_of
from tests.train.twins import TWINS, twin_folder

STUDY = """
name = "s"
student = [{{ model = "tiny", contract = "compact-1" }}]
teacher = [{{ model = "{model}", contract = "compact-1", max_tokens = 12, price = {{ input = 1, output = 1 }} }}]
eval.per_tool = 1
collect.sources = [{{ planted = "stdlib", count = 8 }}]
"""


@pytest.mark.slow
def test_every_prompt_has_an_answer_and_none_is_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hub").mkdir()  # its list of models is of the cache, and fails where there is none
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    twin = TWINS["qwen3"]
    long = replace(twin, config=(*twin.config, ("max_position_embeddings", 4096)))
    twin_folder(long, tmp_path / "model")
    with take_port(LOOPBACK, 0) as free:
        url, port = url_of(free), free.getsockname()[1]
    serve = Path(sys.executable).with_name("transformers")
    command = [
        str(serve),
        "serve",
        str(tmp_path / "model"),
        "--host",
        LOOPBACK,
        "--port",
        str(port),
    ]
    study = tmp_path / "s.toml"
    study.write_text(STUDY.format(model=f"{url}#{tmp_path / 'model'}"))
    with program([*command, "--device", "cpu"], url, patience_seconds=120):
        done = CliRunner().invoke(main, ["run", str(study), "--until", "generate"])
        assert done.exit_code == 0, done.output
        folder = tmp_path / "runs" / "s" / "generate"
        rows = [
            row for path in sorted(folder.glob("rows-*.parquet")) for row in read_rows(path, Answer)
        ]
        manifest = json.loads((folder / "manifest.json").read_text())
        assert len(rows) == manifest["tally"]["records_in"] >= 15
        # Twelve tokens of random weights: cut, or no YAML; never lost, always counted and priced.
        assert {row.outcome for row in rows} <= {"cut", "unreadable", "empty"}
        assert all(row.input_tokens > 50 and row.cost_usd for row in rows)
        assert all(0 < row.output_tokens <= 12 for row in rows)
    # The server is gone: a second run needs nobody.
    again = CliRunner().invoke(main, ["run", str(study), "--until", "generate", "--restart"])
    assert again.exit_code == 0, again.output
