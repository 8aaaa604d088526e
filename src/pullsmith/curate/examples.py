"""The examples of a run as they lie on disk: columns in memory, everything else by id.

Takes the run folder of a study; gives rows, digests, and what is known of one example. What the rules
let pass and nobody decided on yet is what people are shown: clean keeps it beside its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pullsmith.contracts.contract import Contract, contracts_of
from pullsmith.contracts.own_tools import tools_of
from pullsmith.contracts.tools import Tools
from pullsmith.curate.columns import Row, Sources, read_rows_of
from pullsmith.curate.edits import Editor
from pullsmith.curate.files import Signature, is_finished, manifest_of, signature
from pullsmith.decisions import TO_REVIEW_NAME, decided_on
from pullsmith.errors import DecisionError
from pullsmith.questions import Asked, Question, Questions
from pullsmith.records import SECOND_LOOK, Answer, Example, Prompt, PullRequest
from pullsmith.rows import read_tables, records_of
from pullsmith.store import JobKey, RunFolder
from pullsmith.stored import Stored
from pullsmith.study import Study

_FEW = 50  # are looked up one by one; more are read in one pass
NOT_YET = "nothing to clean yet: pullsmith run STUDY.toml --until clean makes examples"


def find_examples(run: RunFolder) -> tuple[Path, ...]:
    """The files that people are shown; none while what they were made of is being made anew."""
    if not is_finished(run, "split", "render", "generate"):
        return ()
    kept = run.job(JobKey("clean")).path / TO_REVIEW_NAME
    if kept.exists():
        return (kept,)
    return tuple(run.job(JobKey("clean")).shards()) if is_finished(run, "clean") else ()


def signature_of(run: RunFolder) -> Signature:
    """Changes whenever an example may have."""
    jobs = [manifest_of(run, JobKey(stage)) for stage in ("split", "render", "generate", "clean")]
    return signature([*jobs, run.job(JobKey("clean")).path / TO_REVIEW_NAME])


class Examples:
    """One state of the files; whoever sees their signature change makes another."""

    def __init__(self, study: Study, run: RunFolder) -> None:
        """Reads columns only."""
        self.paths = find_examples(run)
        self._study, self._run = study, run
        self._digests: dict[str, str] = {}
        self.rows: list[Row] = []
        if self.paths:
            self.rows = read_rows_of(
                Sources(self.paths, self._shards("generate"), self._shards("split"))
            )
        self.by_name = {row.name: row for row in self.rows}

    def example(self, name: str) -> Example:
        """It; raises DecisionError where there is none of that name."""
        if name not in self.by_name:
            raise DecisionError(f"there is no example {name!r} in {self._run.path}")
        return self._examples[name]

    def digest(self, name: str) -> str:
        """What a decision on it names."""
        return self.digests([name])[name]

    def digests(self, names: Collection[str]) -> Mapping[str, str]:
        """The same of many; those that are not there are left out."""
        missing = {name for name in names if name in self.by_name} - self._digests.keys()
        found = self._all(missing) if len(missing) > _FEW else map(self._examples.get, missing)
        self._digests.update((each.id, decided_on(each)) for each in found if each is not None)
        return {name: self._digests[name] for name in names if name in self._digests}

    def editor(self, example: Example) -> Editor:
        """What an edit of it is checked beside; reads all that it is about."""
        question = self._question(example)
        return Editor(question.task, self._contracts(example.contract), self.tools)

    def _question(self, example: Example) -> Question:
        """The student's prompt and task, as clean put it."""
        answer = self.answer(example.answer_id)
        asked = Asked(self.answers_about(example.pull_request_id), self.requests, self._prompts)
        there = answer.tool == SECOND_LOOK or answer.prompt_id in self._prompts
        question = None
        if there and example.pull_request_id in self.requests:
            question = Questions(asked, self._contracts, self.tools).put(answer, example.contract)
        if question is None:
            raise DecisionError(_gone(example.id, "prompt or pull request"))
        return question

    def answers_about(self, pull_request: str) -> list[Answer]:
        """All that teachers said of it."""
        return [self._answers[name] for name in self._answers.starting_with(f"{pull_request}#")]

    def answer(self, name: str) -> Answer:
        """What a teacher said; raises DecisionError where it is not there any more."""
        if name not in self._answers:
            raise DecisionError(_gone(name, "answer"))
        return self._answers[name]

    def with_text(self, text: str) -> set[str]:
        """The examples in whose target ``text`` is, whatever the case."""
        found: set[str] = set()
        for path in self.paths:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=["id", "target"]):
                    hits = pc.match_substring(batch.column("target"), text, ignore_case=True)
                    found.update(batch.column("id").filter(hits).to_pylist())
        return found

    @cached_property
    def tools(self) -> Tools:
        """The study's."""
        return tools_of(self._study)

    @cached_property
    def requests(self) -> Stored[PullRequest]:
        """Pull requests by id."""
        return self._run.stored("split", PullRequest)

    @cached_property
    def _contracts(self) -> Callable[[str], Contract]:
        return contracts_of(self._study.contract, self.tools)

    @cached_property
    def _examples(self) -> Stored[Example]:
        return Stored(self.paths, Example)

    @cached_property
    def _answers(self) -> Stored[Answer]:
        return self._run.stored("generate", Answer)

    @cached_property
    def _prompts(self) -> Stored[Prompt]:
        return self._run.stored("render", Prompt)

    def _shards(self, stage: str) -> tuple[Path, ...]:
        return tuple(self._run.job(JobKey(stage)).shards())

    def _all(self, names: Collection[str]) -> Iterator[Example]:
        """In one pass over the files, which is cheaper than to look up many."""
        for path in self.paths:
            for table in read_tables(path, min(names)):
                mine = pc.is_in(table.column("id"), value_set=pa.array(sorted(names)))
                yield from records_of(table.filter(mine), Example, path)


def _gone(name: str, what: str) -> str:
    return f"{name}: its {what} is not in the run any more; pullsmith clean STUDY.toml makes examples anew"
