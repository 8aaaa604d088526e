from __future__ import annotations

import pytest

from pullsmith.errors import TrainingError
from pullsmith.records import LicenceEvidence, PullRequest, Split
from pullsmith.study.select import SelectSettings
from pullsmith.train.provenance import check_provenance
from tests.curated import planted
from tests.train.builders import example

ROWS = [example(1, "review"), example(2, "review")]
ANY = SelectSettings()


def pulls(**changes: object) -> list[PullRequest]:
    """Both pull requests; the second one with ``changes``."""
    mit = LicenceEvidence(spdx="MIT", files=(), found_at="x")
    fields = {"split": Split.TRAIN, "licence": mit, **changes}
    return [planted("0001", split=Split.TRAIN, licence=mit), planted("0002", **fields)]


def test_examples_of_the_training_side_pass() -> None:
    check_provenance(ROWS, [*pulls(), planted("0003", split=Split.EVAL)], ANY)
    check_provenance(ROWS, pulls(), SelectSettings(licences="permissive"))


def test_what_is_held_out_is_never_trained() -> None:
    with pytest.raises(
        TrainingError, match=r"leakage: example .* is about planted:0002, which split holds out"
    ):
        check_provenance(ROWS, pulls(split=Split.EVAL), ANY)


def test_a_change_that_split_does_not_know_is_refused() -> None:
    with pytest.raises(
        TrainingError, match=r"leakage: .* planted:0002, of which split knows nothing"
    ):
        check_provenance(ROWS, pulls()[:1], ANY)


@pytest.mark.parametrize("spdx", ["GPL-3.0-only", None])
def test_a_licence_that_the_study_does_not_allow_is_refused(spdx: str | None) -> None:
    found = LicenceEvidence(spdx=spdx, files=(), found_at="x")
    check_provenance(ROWS, pulls(licence=found), ANY)
    with pytest.raises(
        TrainingError, match=f"licence: .*planted:0002: {spdx or 'no licence'} found"
    ):
        check_provenance(ROWS, pulls(licence=found), SelectSettings(licences="permissive"))
