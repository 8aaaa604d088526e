"""Each rule of clean: what it rejects, for which reason, and a twin it keeps."""

from __future__ import annotations

import pytest

from pullsmith.clean.rules import no_op, not_ok, target_too_long, ungrounded
from pullsmith.contracts.grounding import Fault
from pullsmith.records import Outcome
from pullsmith.study.clean import CleanSettings
from tests.clean.made import answer

ON, OFF = CleanSettings(), CleanSettings(grounded=False, no_ops=False)
NO_OPS = {Fault.NO_OP, Fault.ALREADY_APPLIED}


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.OK])
def test_every_outcome_but_ok_is_a_reason_of_its_own(outcome: Outcome) -> None:
    reason = not_ok(answer(None, outcome=outcome, fault="why"))
    assert reason is not None
    assert (reason.code, reason.detail) == (outcome.value, "why")
    assert not_ok(answer(None)) is None


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_is_dropped_by_one_rule_under_its_own_name(fault: Fault) -> None:
    faults = (f"{fault}: a.py", "file_not_shown: b.py" if fault not in NO_OPS else "no_op: b.py")
    rule, other = (no_op, ungrounded) if fault in NO_OPS else (ungrounded, no_op)
    reason = rule(faults, ON)
    assert reason is not None
    assert (reason.code, reason.detail) == (fault.value, "; ".join(faults))
    assert other(faults, ON) is None
    assert rule(faults, OFF) is None
    assert rule((), ON) is None


def test_a_target_may_be_as_long_as_the_limit() -> None:
    settings = CleanSettings(max_target_characters=3)
    assert target_too_long("abc", settings) is None
    reason = target_too_long("abcd", settings)
    assert reason is not None
    assert (reason.code, reason.detail) == ("target_too_long", "4 characters, at most 3 wanted")
