"""The card of a model: README.md, with the head that model hubs read.

Takes a source and how its merge answered; gives Markdown. Says only what stands in the study, in
manifests, rows and presets, and what is known to be missing. Whatever comes from people or models
is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import yaml

from pullsmith.export.fidelity import Fidelity
from pullsmith.export.source import Source, Trained, model_label
from pullsmith.models.presets import describe
from pullsmith.publish.counts import Counts, ages
from pullsmith.publish.facts import Facts, facts_of
from pullsmith.publish.rows import row_of
from pullsmith.publish.told import (
    NOT_JUDGED,
    age_table,
    board_of,
    funnel_parts,
    judged,
    licence_table,
    merged_when,
    terms_table,
)
from pullsmith.records import Checkpoint, Phase, PullRequest
from pullsmith.report.board import Board
from pullsmith.report.funnel import funnel
from pullsmith.report.markdown import escape, listed, table_text
from pullsmith.report.table import Table
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.train.examples import examples_of

# Licences that model hubs know by these names; any other is "other", with its own name beside it.
_HUB_LICENCES = frozenset({
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "bigcode-openrail-m", "gemma", "llama2",
    "llama3", "llama3.1",
})  # fmt: skip


@dataclass(frozen=True)
class _Data:
    """What it learnt from, counted; the facts of these pull requests, and how old they are to it."""

    counts: Counts
    used: tuple[Facts, ...]
    ages: tuple[tuple[str, ...], ...]

    @property
    def planted(self) -> int:
        """How many of them have a planted truth."""
        return sum(each.planted for each in self.used)


def student_cards(
    study: Study, run: RunFolder, board: Board, removed: frozenset[str]
) -> dict[str, str]:
    """The card of every student of a run, by its cell, with its rows of ``board``.

    ``removed`` are pull requests that are named nowhere. Needs no weights.
    """
    found = {}
    for role in study.student:
        rows = run.read("train", Checkpoint, role.cell)
        after = next(row for row in rows if row.phase is Phase.AFTER)
        folder = run.job(JobKey("train", role.cell)).path / after.folder
        source = Source(model_label(role), folder, after.base, Trained(study, role, after, run))
        found[role.cell] = model_card(source, None, board=board, removed=removed)
    return found


def model_card(
    source: Source,
    fidelity: Fidelity | None,
    *,
    board: Board | None = None,
    removed: Collection[str] = (),
) -> str:
    """The whole card; the board is the run's own unless another one is given.

    ``removed`` are pull requests that are named nowhere. Raises RunFolderError where the run's rows are damaged.
    """
    trained = source.trained
    data = _data(trained, removed) if trained else None
    rated = _rated(trained, board) if trained else []
    parts = [_head(source, merged=fidelity is not None), f"# {escape(source.name)}", _what(source)]
    if trained:
        parts += [*_recipe(trained), *(_learnt(trained, data) if data else ())]
        parts += rated
        parts += funnel_parts(funnel(trained.study, trained.run))
    if fidelity:
        parts += ["## Merge", f"Asked {fidelity.prompts} prompts greedily: {fidelity.told()}."]
    parts += ["## Known gaps", listed(tuple(_gaps(source, data, has_rows=bool(rated))))]
    return "\n\n".join(parts) + "\n"


def _licence(source: Source) -> str | None:
    return source.preset.licence.value if source.preset else None


def _base(source: Source) -> str:
    """The model it was made from, as people write it; empty where it was built or nobody knows."""
    name = source.base or (source.trained.role.model if source.trained else "")
    return "" if name == "tiny" else name


def _head(source: Source, *, merged: bool) -> str:
    licence, base = (_licence(source) or "").lower(), _base(source)
    head = {
        "license": licence if licence in _HUB_LICENCES else "other",
        **({"license_name": licence} if licence and licence not in _HUB_LICENCES else {}),
        "library_name": "peft" if source.base and not merged else "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["code", "code-review", "pull-requests", "pullsmith"],
        **({"base_model": base.removeprefix("hf:")} if base.startswith("hf:") else {}),
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---"


def _what(source: Source) -> str:
    base = _base(source)
    known = describe(source.preset) if source.preset else ""
    made = f"Made from {escape(base)}. " if base else ""
    about = f"What is known of it: {escape(known)}. " if known else ""
    if source.trained is None:
        return f"{made}{about}Exported by pullsmith from a folder; how it was trained is not known here."
    tools = ", ".join(escape(tool) for tool in source.trained.study.render.tools)
    contract = escape(source.trained.role.contract)
    return (
        f"{made}{about}Fine-tuned by pullsmith on pull requests for {tools}, in contract {contract}: "
        "it answers prompts of that contract, and others less well. Licence of the base: "
        f"{escape(_licence(source) or 'unknown')}; its conditions hold for these weights too."
    )


def _recipe(trained: Trained) -> Iterator[str]:
    role, train, row = trained.role, trained.study.train, trained.checkpoint
    facts = [
        ("Method", role.method), ("Weights", f"{row.parameters:,}"), ("Steps", str(row.steps)),
        ("Trained tokens", f"{row.trained_tokens:,}"), ("Peak learning rate", f"{train.learning_rate:g}"),
        ("Warm-up steps", str(train.warmup_steps)), ("Weight decay", f"{train.weight_decay:g}"),
        ("Pull requests a batch", str(train.pull_requests_per_batch)),
        ("Batches a step", str(train.gradient_accumulation_steps)),
        ("Longest example, tokens", str(train.max_length_tokens)), ("Seed", str(trained.study.seed)),
        ("Loss", "on the answers only"), ("Digest of the weights", row.weights_digest),
        ("Cut-off of what it was made from", role.known_cutoff or "not stated"),
    ]  # fmt: skip
    if role.adapter:
        lora = train.lora
        facts.insert(1, ("Adapter", f"rank {lora.rank}, alpha {lora.alpha}, dropout {lora.dropout:g}"))  # fmt: skip
    yield table_text(Table("Recipe", "", ("What", "Value"), tuple(facts)))


def _data(trained: Trained, removed: Collection[str]) -> _Data | None:
    """Counts over the examples it learnt from; None where the run holds them no more."""
    run = trained.run
    beside = trained.role.training_data.beside_clean
    keys = [JobKey("split"), JobKey("clean"), *([JobKey("control", beside)] if beside else [])]
    if any(run.job(key).manifest() is None for key in keys):
        return None
    facts = facts_of(run.read("split", PullRequest), trained.study)
    counts = Counts()
    for example in examples_of(run, trained.role, seed=trained.study.seed):
        if example.pull_request_id in facts:
            counts.add(row_of(example, facts[example.pull_request_id]))
    used = tuple(
        _unnamed(facts[name]) if name in removed else facts[name]
        for name in sorted(counts.pull_requests)
    )
    told = ages(facts, counts.pull_requests, trained.study)
    return _Data(counts, used, tuple(row for row in told if row[0] == trained.role.label))


def _learnt(trained: Trained, data: _Data) -> Iterator[str]:
    tools: Counter[str] = Counter()
    for (_, tool), count in data.counts.rows.items():
        tools[tool] += count
    pulls = len(data.counts.pull_requests)
    note = f"About {pulls} pull requests ({data.planted} with planted truth). Eval pull requests are not among them.{merged_when(data.used)}"
    rows = tuple((tool, str(count)) for tool, count in sorted(tools.items()))
    yield table_text(Table("Examples", note, ("Tool", "Rows"), rows))
    yield table_text(licence_table(data.used))
    yield table_text(terms_table(data.counts, trained.study))
    if data.ages:
        yield table_text(age_table(data.ages))


def _unnamed(facts: Facts) -> Facts:
    """The same, counted alike, without the file that would name its repository."""
    licence = facts.licence and facts.licence.model_copy(update={"files": ()})
    return replace(facts, licence=licence)


def _rated(trained: Trained, board: Board | None) -> list[str]:
    """The student's rows of the board, before and after, and who judged; empty where nobody did."""
    board = board or board_of(trained.run)
    return judged(board, lambda row: row.model == trained.role.label) if board else []


def _gaps(source: Source, data: _Data | None, *, has_rows: bool) -> Iterator[str]:
    if source.trained is None:
        yield "Nothing is known here of its data, its recipe or the terms of what it learnt from."
    elif data is None:
        yield "The run holds its examples no more, so nothing is said of data, licences and terms."
    elif data.counts.terms.get(""):
        yield f"{data.counts.terms['']} examples state no terms for the teacher's answers."
    if data and 0 < data.planted == len(data.counts.pull_requests):
        yield "Every pull request it learnt from is planted: nothing there is a change that people made."
    if source.trained and not has_rows:
        yield NOT_JUDGED
    if _base(source) and _licence(source) is None:
        yield "The licence of the base is not known here; look it up before you hand this on."
    yield "It answers about code it has never run; line numbers and claims can be wrong."
