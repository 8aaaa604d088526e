"""Follow-up rounds: an answer that was refused is asked for once more, suggestions are looked at again.

Takes an entrant's first answers as a file; gives files with its further ones beside them, through the
same door and journal. Each round is made from the answers of the one before and nothing else, so a
run that was killed asks for what is missing and no more. Knows no stage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pullsmith.contracts.answers import Improve, Reflect
from pullsmith.contracts.canonical import value_from_json
from pullsmith.contracts.contract import Contract
from pullsmith.contracts.second_look import REFLECT, scores_of, second_look, second_prompt
from pullsmith.contracts.tools import Tools
from pullsmith.errors import AnswerError, StudyError
from pullsmith.llm.asking import Entrant, FollowUp, follow_up_answers, task_of
from pullsmith.llm.door import Door
from pullsmith.llm.repair import repair_messages
from pullsmith.records import Answer, Outcome, Prompt, PullRequest
from pullsmith.rows import read_rows, write_sorted
from pullsmith.study.roles import AnsweringRole, ReferenceRole, StudentRole, TeacherRole
from pullsmith.study.study import Study

IMPROVE = "improve"
Find = Callable[[str], Contract]


def _silent(message: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Followed:
    """All answers of an entrant after its rounds, as files sorted by id, and what the further ones took."""

    paths: list[Path]
    asked: int
    measured: Mapping[str, float]


@dataclass(frozen=True)
class Rounds:
    """What follow-ups are made of and asked with; ``folder`` is for files of its own."""

    prompts: Mapping[str, Prompt]
    pull_requests: Mapping[str, PullRequest]
    door: Door
    contracts: Find
    tools: Tools
    folder: Path
    report: Callable[[str], None] = _silent

    def after(self, entrant: Entrant, answers: Path) -> Followed:
        """The rounds that the entrant's role asks for, after its first answers, one a prompt."""
        round_ = _Round(self, entrant, answers)
        role = entrant.role
        if isinstance(role, AnsweringRole):
            if role.repair:
                round_.mend_refused()
            if role.reflect:
                round_.look_again(mend=role.repair)
        asked = int(round_.measured["repairs_asked"] + round_.measured["reflections_asked"])
        return Followed(round_.paths, asked, dict(round_.measured))


def check_second_looks(study: Study, contracts: Find) -> None:
    """Raise StudyError for a role that is to reflect in a contract that has no words for it."""
    roles: list[TeacherRole | StudentRole | ReferenceRole]
    roles = [*study.teacher, *study.student, *study.reference]
    for role in roles:
        if role.reflect and REFLECT not in contracts(role.contract).tools:
            raise StudyError(
                f"{role.label}: reflect = true, and {role.contract} has no second look; ask it in "
                "native-1 or a pr-agent contract, or leave reflect out"
            )


@dataclass(frozen=True)
class _Stored:
    """Follow-ups in a file."""

    path: Path
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[FollowUp]:
        return read_rows(self.path, FollowUp)


@dataclass
class _Round:
    """One entrant's rounds; ``paths`` begins with its first answers and grows."""

    given: Rounds
    entrant: Entrant
    first: Path
    paths: list[Path] = field(init=False)
    measured: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.paths = [self.first]

    # ── repair ──

    def mend_refused(self) -> None:
        refused = (answer for answer in read_rows(self.first, Answer) if _is_refused(answer))
        prompts = self.given.prompts
        self._mend(
            "repairs", (FollowUp(id=a.id, prompt=prompts[a.prompt_id], parent=a) for a in refused)
        )

    def _mend(self, name: str, refused: Iterable[FollowUp]) -> Path | None:
        """Ask once more for each ``parent``, whose prompt stands beside it."""
        path = self._ask(
            name, map(self._repair, refused), "refused answers are asked for once more"
        )
        if path is not None:
            mended = Counter(answer.outcome for answer in read_rows(path, Answer))
            self.measured["repairs_asked"] += mended.total()
            self.measured["repairs_mended"] += mended[Outcome.OK]
        return path

    def _repair(self, each: FollowUp) -> FollowUp:
        pull_request = self.given.pull_requests[each.prompt.pull_request_id]
        task = task_of(each.prompt, pull_request, each.about, self.given.tools)
        contract = self.given.contracts(each.prompt.contract)
        messages = repair_messages(each.prompt.messages, contract, task, each.parent)
        update = {"messages": messages, "parent_answer": each.parent.id}
        return each.model_copy(update={"prompt": each.prompt.model_copy(update=update)})

    # ── reflect ──

    def look_again(self, *, mend: bool) -> None:
        improved = list(self.paths)
        looks = self._ask(
            REFLECT, self._looks(improved), "answers with suggestions are looked at again"
        )
        if looks is None:
            return
        about = {a.id: a.parent_answer or "" for a in read_rows(looks, Answer)}
        self.measured["reflections_asked"] += len(about)
        if mend:
            refused = {a.parent_answer: a for a in read_rows(looks, Answer) if _is_refused(a)}
            asked = read_rows(_asked(looks), FollowUp)
            again = (
                each.model_copy(update={"id": parent.id, "parent": parent})
                for each in asked
                if (parent := refused.get(each.id))
            )
            self._mend(f"{REFLECT}-repairs", again)
        self._score(improved, about)

    def _looks(self, paths: Iterable[Path]) -> Iterator[FollowUp]:
        for path in paths:
            for answer in read_rows(path, Answer):
                value = self._improve(answer)
                if value is not None and value.code_suggestions:
                    yield self._look(answer, value)

    def _improve(self, answer: Answer) -> Improve | None:
        if answer.tool != IMPROVE or answer.outcome is not Outcome.OK:
            return None
        value = value_from_json(IMPROVE, answer.value_json or "", self.given.tools)
        return value if isinstance(value, Improve) else None

    def _look(self, answer: Answer, value: Improve) -> FollowUp:
        asked = self.given.prompts[answer.prompt_id]
        pull_request = self.given.pull_requests[answer.pull_request_id]
        contract = self.given.contracts(asked.contract)
        improve = task_of(asked, pull_request, None)
        try:
            task = second_look(improve, contract, value, answer.text)
            prompt = second_prompt(asked, task, contract, parent_answer=answer.id)
        except AnswerError:  # the bot would have to guess at the text; the value is the same
            task = second_look(improve, contract, value)
            prompt = second_prompt(asked, task, contract, parent_answer=answer.id)
        return FollowUp(id=answer.id, prompt=prompt, parent=answer, about=answer)

    def _score(self, improved: list[Path], about: Mapping[str, str]) -> None:
        """Write beside each suggestion what the second look gave it."""
        looked: dict[str, Reflect] = {}
        for path in self.paths[len(improved) :]:
            for answer in read_rows(path, Answer):
                if answer.outcome is Outcome.OK:
                    value = value_from_json(REFLECT, answer.value_json or "", self.given.tools)
                    assert isinstance(value, Reflect)
                    looked[about.get(answer.id) or about[answer.parent_answer or ""]] = value
        for place, path in enumerate(improved):
            scored = path.with_name(f"{path.stem}-scored.parquet")
            write_sorted(scored, Answer, (self._scored(a, looked) for a in read_rows(path, Answer)))
            self.paths[place] = scored

    def _scored(self, answer: Answer, looked: Mapping[str, Reflect]) -> Answer:
        value, look = self._improve(answer), looked.get(answer.id)
        scores = scores_of(look, value) if look and value else None
        if scores is None:
            return answer
        self.measured["reflections_scored"] += 1
        # What is trained on is all of its suggestions, so it is worth as much as the worst.
        update = {"suggestion_scores": scores, "reflect_score": float(min(scores))}
        return answer.model_copy(update=update)

    # ── both ──

    def _ask(self, name: str, follow_ups: Iterable[FollowUp], what: str) -> Path | None:
        """Put the follow-ups to the entrant; its answers as a file, None where there is nothing to ask."""
        given = self.given
        path = given.folder / f"{self.first.stem}-{name}.parquet"
        count = write_sorted(_asked(path), FollowUp, follow_ups)
        if not count:
            return None
        given.report(f"{self.entrant.role.label}: {_answers(count)} {what}")
        answers = follow_up_answers(
            self.entrant, _Stored(_asked(path), count), given.pull_requests,
            door=given.door, contracts=given.contracts, tools=given.tools,
        )  # fmt: skip
        write_sorted(path, Answer, answers)
        self.measured.update(answers.measured)
        self.paths.append(path)
        return path


def _asked(answers: Path) -> Path:
    """The file with what the answers in ``answers`` were asked for."""
    return answers.with_name(f"{answers.stem}-asked.parquet")


def _is_refused(answer: Answer) -> bool:
    """Whether its contract refuses what came; a call without an answer is not asked again here."""
    return answer.outcome is Outcome.UNREADABLE


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count:,} answers, each of which"
