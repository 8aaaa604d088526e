"""Prompts to answers: what a model is given, what is made of what it says, and who sees the truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pullsmith.contracts.canonical import value_from_json
from pullsmith.errors import RunFolderError
from pullsmith.llm.asking import Entrant, ask, without_truth
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Journal
from pullsmith.llm.protocol import Fault, Request
from pullsmith.llm.rules import RulesModel, rules_version
from pullsmith.llm.scripted import ScriptedModel, Turn
from pullsmith.records import Outcome, Phase, PullRequest, answer_id
from tests.llm.asked import Sleeps, role
from tests.llm.pulls import DEFECT, planted, prompt

MARKED = DEFECT.model_copy(
    update={"original": ("    if path is not Canary:",), "header": "Canary", "content": "Canary."}
)
PULL = planted(MARKED)
REVIEW = prompt(PULL, "review", contract="compact-1")
TEXT = "kind: A kind\nline: L2\nissue: why\neffort: 1\ntests: No\nsecurity: No"


def door(path: Path) -> Door:
    return Door(path / "j", sleep=Sleeps())


def scripted(*turns: Turn, **settings: object) -> tuple[ScriptedModel, Entrant]:
    model = ScriptedModel(turns)
    made = role("scripted:x", terms="test terms", **settings)
    return model, Entrant(made, model, Phase.AFTER, "f00d")


def test_an_answer_that_follows_its_contract(tmp_path: Path) -> None:
    model, entrant = scripted(Turn(TEXT))
    result = ask(entrant, [REVIEW], {PULL.id: PULL}, door=door(tmp_path))
    (answer,) = result.answers
    assert answer.outcome is Outcome.OK
    assert answer.fault is None
    assert answer.grounding_faults == ()
    assert answer.id == answer_id(
        REVIEW.id, model="scripted:x", phase=Phase.AFTER, checkpoint="f00d", sample=0
    )
    assert (answer.phase, answer.checkpoint, answer.terms) == (Phase.AFTER, "f00d", "test terms")
    value = value_from_json("review", answer.value_json or "")
    assert json.loads(answer.value_json or "")["key_issues_to_review"][0]["start_line"] == 6
    assert value is not None
    assert answer.output_tokens == len(TEXT.split())
    assert result.measured["answers"] == 1
    assert result.measured["output_tokens"] == answer.output_tokens
    assert model.closed


def test_an_answer_that_does_not_is_unreadable_and_says_why(tmp_path: Path) -> None:
    _, entrant = scripted(Turn("kind: A kind\nline: L2"))
    (answer,) = ask(entrant, [REVIEW], {PULL.id: PULL}, door=door(tmp_path)).answers
    assert answer.outcome is Outcome.UNREADABLE
    assert answer.text == "kind: A kind\nline: L2"
    assert (answer.fault or "").startswith("missing_field: ")
    assert answer.value_json is None


NATIVE = "code_suggestions: []"


@pytest.mark.parametrize(
    ("contract", "text", "outcome", "lenient"),
    [
        ("native-1", NATIVE, Outcome.OK, None),
        ("native-1", f"Here: you: are\n```yaml\n{NATIVE}\n```", Outcome.UNREADABLE, True),
        ("native-1", "I have none.", Outcome.UNREADABLE, False),
        ("compact-1", "I have none.", Outcome.UNREADABLE, None),
    ],
)
def test_what_a_bot_would_take_is_told_of_unreadable_answers(
    tmp_path: Path, contract: str, text: str, outcome: Outcome, lenient: bool | None
) -> None:
    asked = prompt(PULL, "improve", contract=contract)
    _, entrant = scripted(Turn(text))
    (answer,) = ask(entrant, [asked], {PULL.id: PULL}, door=door(tmp_path)).answers
    assert (answer.outcome, answer.lenient) == (outcome, lenient)
    assert (answer.value_json is None) == (outcome is Outcome.UNREADABLE)


def test_other_outcomes_are_not_tried_leniently(tmp_path: Path) -> None:
    asked = prompt(PULL, "improve", contract="native-1")
    _, entrant = scripted(Turn(f"{NATIVE}\nx: y: z", Outcome.CUT))
    (answer,) = ask(entrant, [asked], {PULL.id: PULL}, door=door(tmp_path)).answers
    assert answer.lenient is None


def test_an_answer_about_what_was_not_shown_has_grounding_faults(tmp_path: Path) -> None:
    native = prompt(PULL, "describe")
    said = (
        "type:\n- Other\ndescription: It\ntitle: It\npr_files:\n"
        "- filename: ghost.py\n  changes_title: It\n  label: it\n"
    )
    _, entrant = scripted(Turn(said))
    (answer,) = ask(entrant, [native], {PULL.id: PULL}, door=door(tmp_path)).answers
    assert answer.outcome is Outcome.OK, answer.fault
    assert answer.grounding_faults == ("file_not_shown: ghost.py",)


@pytest.mark.parametrize("outcome", [Outcome.CUT, Outcome.REFUSED, Outcome.EMPTY])
def test_other_outcomes_are_not_parsed_even_where_they_could_be(
    tmp_path: Path, outcome: Outcome
) -> None:
    _, entrant = scripted(Turn(TEXT, outcome))
    (answer,) = ask(entrant, [REVIEW], {PULL.id: PULL}, door=door(tmp_path)).answers
    assert (answer.outcome, answer.text, answer.value_json) == (outcome, TEXT, None)


def test_a_call_that_failed_is_an_answer_with_its_reason(tmp_path: Path) -> None:
    def script(request: Request) -> Turn:
        improve = "Improve" in request.messages[0].content
        return Turn(fault=Fault.BAD_REQUEST) if improve else Turn(TEXT)

    model = ScriptedModel(script)
    prompts = [REVIEW, prompt(PULL, "improve", contract="compact-1")]
    entrant = Entrant(role("scripted:x"), model)
    review, improve = ask(entrant, prompts, {PULL.id: PULL}, door=door(tmp_path)).answers
    assert review.outcome is Outcome.OK
    assert improve.outcome is Outcome.FAILED
    assert "bad_request" in (improve.fault or "")


def test_a_language_model_gets_the_messages_and_nothing_else(tmp_path: Path) -> None:
    model, entrant = scripted(Turn(TEXT))
    ask(entrant, [REVIEW], {PULL.id: PULL}, door=door(tmp_path))
    (request,) = model.asked
    assert request.messages == REVIEW.messages
    assert request.task is None
    assert request.pair is None


def journalled(path: Path) -> str:
    """All that stands in the requests of the journal."""
    with Journal(path / "j") as journal:
        return "\n".join(request.model_dump_json() for request, _ in journal.read())


@pytest.mark.parametrize("model", ["rules", "constant", "majority", "scripted:x"])
@pytest.mark.parametrize("tool", ["describe", "review", "improve"])
def test_no_byte_of_a_defect_reaches_a_request_of_anyone_else(
    tmp_path: Path, model: str, tool: str
) -> None:
    entrant = Entrant(role(model), ScriptedModel([Turn(TEXT)]))
    prompts = [prompt(PULL, tool, contract=name) for name in ("compact-1", "native-1")]
    ask(entrant, prompts, {PULL.id: PULL}, door=door(tmp_path))
    text = journalled(tmp_path)
    assert PULL.id in text or model == "scripted:x"
    assert "Canary" not in text
    assert "planted:grow" not in text


def test_the_teacher_that_knows_is_told(tmp_path: Path) -> None:
    entrant = Entrant(role("rules+truth"), RulesModel(truth=True))
    (answer,) = ask(entrant, [REVIEW], {PULL.id: PULL}, door=door(tmp_path)).answers
    assert "Canary" in journalled(tmp_path)
    assert "kind: Canary" in answer.text
    assert answer.checkpoint == rules_version()


def test_rules_are_told_apart_by_what_they_are_about(tmp_path: Path) -> None:
    other = planted(None, name="b2")
    pulls: dict[str, PullRequest] = {PULL.id: PULL, other.id: other}
    prompts = [prompt(pull, "review", contract="compact-1") for pull in pulls.values()]
    entrant = Entrant(role("rules+truth"), RulesModel(truth=True))
    one, two = ask(entrant, prompts, pulls, door=door(tmp_path)).answers
    assert "Canary" in one.text
    assert "nothing found" in two.text


def test_without_truth_changes_planted_pull_requests_only() -> None:
    real = PULL.model_copy(update={"source": "git", "defect": None})
    assert without_truth(real) is real
    hidden = without_truth(PULL)
    assert (hidden.defect, hidden.evidence, hidden.pool, hidden.scan) == (None, "", None, None)
    assert hidden.files == PULL.files


def test_a_prompt_without_its_pull_request(tmp_path: Path) -> None:
    model, entrant = scripted(Turn(TEXT))
    with pytest.raises(RunFolderError, match=r"prompt planted:a1#review.*run with --restart"):
        ask(entrant, [REVIEW], {}, door=door(tmp_path))
    assert not model.asked
