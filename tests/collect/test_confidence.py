"""Every reason has a confidence, and the order of a few that must not turn round."""

from __future__ import annotations

import re

from pullsmith.collect.confidence import Reason


def test_every_reason_is_a_code_with_a_confidence() -> None:
    for reason in Reason:
        assert re.fullmatch(r"[a-z]+(?:_[a-z]+)+", reason.value)
        assert 0 < reason.confidence <= 1


def test_what_was_checked_is_surer_than_what_was_read() -> None:
    checked = Reason.MERGE_HEAD_EQUALS_PULL_HEAD
    assert [reason for reason in Reason if reason.confidence == 1] == [checked]
    assert Reason.MERGE_HEAD_DIFFERS_FROM_PULL_HEAD.confidence < Reason.NO_MARK.confidence
    assert Reason.MERGE_IN_ONE_COMMIT.confidence < Reason.FORGE_MERGE_MESSAGE.confidence
    assert Reason.NUMBER_IN_TITLE.confidence < Reason.FORGE_COMMITTER.confidence
    assert Reason.FORGE_COMMITTER.confidence < Reason.NUMBER_IS_A_PULL.confidence
