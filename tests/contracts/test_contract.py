"""The registry, and what holds for every contract."""

from __future__ import annotations

import pytest

from pullsmith.contracts.contract import find_contract
from pullsmith.errors import StudyError
from tests.contracts.builders import (
    SILENT,
    VALUES,
    planted_pull_request,
    pull_request,
    task_of,
)

NAMES = ("native-1", "compact-1")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(StudyError, match="did you mean 'native-1'"):
        find_contract("nativ-1")
    with pytest.raises(StudyError, match="known: native-1, compact-1"):
        find_contract("zzz")


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_says_what_it_is(name: str) -> None:
    contract = find_contract(name)
    assert contract.id == name
    assert "Apache-2.0" in contract.origin
    assert contract == find_contract(name)


@pytest.mark.parametrize("name", NAMES)
def test_every_tool_is_asked_and_its_answers_are_read_back(name: str) -> None:
    contract = find_contract(name)
    subject = pull_request()
    assert set(contract.tools) >= {"describe", "review", "improve"}
    for tool in contract.tools:
        task = task_of(tool, subject)
        messages = contract.messages(task)
        assert [message.role for message in messages] == ["system", "user"]
        for value in (VALUES[tool], SILENT.get(tool)):
            if value is not None:
                assert contract.parse(task, contract.write(task, value)) == value


@pytest.mark.parametrize("name", NAMES)
def test_no_byte_of_a_defect_is_in_a_prompt(name: str) -> None:
    contract = find_contract(name)
    subject = planted_pull_request("TRUTH")
    for tool in contract.tools:
        said = "".join(m.content for m in contract.messages(task_of(tool, subject)))
        assert "TRUTH" not in said
        assert "timeout=5" in said  # the defective line itself is there to be found
