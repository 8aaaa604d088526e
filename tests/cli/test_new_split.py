"""--new-split: a frozen split is refused under other settings, and another one is made beside it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from pullsmith.cli import main

STUDY = """
name = "s"
student = [{ model = "tiny" }]
eval.per_tool = 2
[collect]
sources = [{ planted = "stdlib", count = 40 }]
"""


def test_another_split_is_made_beside_the_frozen_one(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(STUDY)

    def pullsmith(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, [words[0], str(file), *words[1:]])
        return done.exit_code, done.output

    code, said = pullsmith("run", "--until", "split")
    assert code == 0, said
    code, said = pullsmith("split", "eval.per_tool=3", "--restart")
    assert (code, "--new-split NAME" in said) == (1, True), said
    code, said = pullsmith("split", "eval.per_tool=3", "--new-split", "larger")
    assert code == 0, said
    assert 'split.name="larger"' in said
    splits = tmp_path / "runs" / "s" / "splits"
    assert sorted(path.name for path in splits.iterdir()) == ["larger.json", "main.json"]
    # The first one is as it was, and comes back under its own settings.
    code, said = pullsmith("split", "--restart")
    assert code == 0, said
