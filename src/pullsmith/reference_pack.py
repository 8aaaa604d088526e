"""A reference pack: what a reference answered to which prompts, in one file that a study pins.

Takes a reference's eval prompts and answers, gives a Parquet file with a row a prompt, and its digest;
and the way back. What is read is checked, and a study that pins another digest, or asks other
prompts, is refused: so a board can be made again, or a new model be measured, when the reference is gone.
Knows no model and asks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.records import SCHEMA_VERSION, Answer, Drop, Prompt, Record, digest, drop
from pullsmith.rows import read_rows, write_rows

ENDING = ".parquet"
NOT_IN_THE_PACK = "not_in_the_pack"


class PackedPrompt(Record):
    """One row: a prompt and every answer of the reference to it, follow-ups among them.

    ``prompts_digest`` is of all eval prompts the reference was put, also of those that are not here.
    """

    schema_version: int = SCHEMA_VERSION
    id: str  # the prompt's
    model: str
    label: str  # what answers and the board call it
    contract: str
    prompts_digest: str
    prompt: Prompt
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class ReferencePack:
    """A pack as it was read; ``digest`` is of its content, whatever wrote the file."""

    path: Path
    digest: str
    rows: Sequence[PackedPrompt]

    @property
    def head(self) -> PackedPrompt:
        """Any row: all say the same of the reference."""
        return self.rows[0]


@dataclass(frozen=True)
class Wanted:
    """Which pack a study asks for: the file, its digest, and whose answers they must be."""

    path: Path
    digest: str
    label: str
    model: str
    contract: str


def prompts_digest(prompts: Iterable[Prompt]) -> str:
    """The digest of the words of prompts, in any order; other words or another prompt change it."""
    return digest(sorted([prompt.id, _words(prompt)] for prompt in prompts))


def packed(
    names: tuple[str, str], prompts: Mapping[str, Prompt], answers: Iterable[Answer]
) -> list[PackedPrompt]:
    """A row a prompt that was answered, by id; ``names`` are the reference's model and label.

    Raises RunFolderError for an answer to a prompt that is not there.
    """
    asked = prompts_digest(prompts.values())
    by_id = {answer.id: answer for answer in answers}
    by_prompt: dict[str, list[Answer]] = {}
    for answer in by_id.values():
        by_prompt.setdefault(_root(answer, by_id, prompts), []).append(answer)
    return [
        PackedPrompt(
            id=name,
            model=names[0],
            label=names[1],
            contract=prompts[name].contract,
            prompts_digest=asked,
            prompt=prompts[name],
            answers=tuple(sorted(given, key=lambda answer: answer.id)),
        )
        for name, given in sorted(by_prompt.items())
    ]


def write_pack(path: Path, rows: Sequence[PackedPrompt]) -> str:
    """Write a pack, a file that is not there yet; its digest. Raises StudyError, RunFolderError."""
    if path.suffix != ENDING:
        raise StudyError(f"{path}: name it *{ENDING}")
    if path.exists():
        raise StudyError(f"{path}: is there already; a pack is never written over anything")
    if not rows:
        raise RunFolderError(f"{path}: nothing was answered yet, so there is nothing to pack")
    write_rows(path, PackedPrompt, rows)
    return _digest(rows)


def read_pack(path: Path) -> ReferencePack:
    """The pack in a file; raises StudyError where there is none, or where its rows contradict."""
    if not path.is_file():
        raise StudyError(f"{path}: there is no reference pack; pullsmith pack export writes one")
    try:
        rows = list(read_rows(path, PackedPrompt))
    except RunFolderError as error:
        raise StudyError(f"{path}: no reference pack of this version: {error}") from error
    if not rows:
        raise StudyError(f"{path}: the pack is empty")
    said = {(row.model, row.label, row.contract, row.prompts_digest) for row in rows}
    if len(said) > 1 or len({row.id for row in rows}) < len(rows):
        raise StudyError(f"{path}: its rows are of several packs, or one prompt stands in it twice")
    return ReferencePack(path, _digest(rows), rows)


def answers_in(wanted: Wanted, prompts: Mapping[str, Prompt]) -> tuple[list[Answer], list[Drop]]:
    """The pinned pack's answers to ``prompts``, and a drop for each prompt it has no answer to.

    Raises StudyError naming both digests where the file is another, or was made for other prompts.
    """
    pack = read_pack(wanted.path)
    _check_pin(pack, wanted)
    asked = prompts_digest(prompts.values())
    if pack.head.prompts_digest != asked:
        raise StudyError(
            f"reference {wanted.label}: the pack {pack.path} answers prompts with the digest "
            f"{pack.head.prompts_digest}, the study's have {asked}: {_difference(pack, prompts)}; "
            "use the eval set and the render settings of the pack, or a pack made for these prompts"
        )
    answers = [answer for row in pack.rows for answer in row.answers]
    there = {row.id for row in pack.rows}
    missing = [prompt for name, prompt in sorted(prompts.items()) if name not in there]
    detail = f"{wanted.label}: {pack.path.name} has no answer to it"
    return answers, [drop("respond", each, NOT_IN_THE_PACK, detail) for each in missing]


def _check_pin(pack: ReferencePack, wanted: Wanted) -> None:
    if pack.digest != wanted.digest:
        raise StudyError(
            f"reference {wanted.label}: {pack.path} has the digest {pack.digest}, the study pins "
            f"{wanted.digest}; the file was changed or is another one: take the pinned file, or pin "
            "this one"
        )
    for key in ("label", "model", "contract"):
        found, needed = getattr(pack.head, key), getattr(wanted, key)
        if found != needed:
            raise StudyError(
                f"reference {wanted.label}: {pack.path} has answers of {key} {found!r}, the study "
                f"says {needed!r}; write what the pack says, or take another pack"
            )


def _difference(pack: ReferencePack, prompts: Mapping[str, Prompt]) -> str:
    """What is unlike, as far as the rows that are there say it."""
    mine = {row.id: _words(row.prompt) for row in pack.rows}
    theirs = {name: _words(prompt) for name, prompt in prompts.items()}
    shared = sorted(mine.keys() & theirs.keys())
    changed = [name for name in shared if mine[name] != theirs[name]]
    if changed:
        return f"{len(changed)} prompts have other words, {changed[0]} first"
    return (
        f"{len(shared)} are the same, {len(theirs.keys() - mine.keys())} are in the study alone and "
        f"{len(mine.keys() - theirs.keys())} in the pack alone"
    )


def _root(answer: Answer, by_id: Mapping[str, Answer], prompts: Mapping[str, Prompt]) -> str:
    """The prompt of render's that an answer, or the first one it follows up, was given to."""
    at: Answer | None = answer
    while at is not None and at.prompt_id not in prompts:
        at = by_id.get(at.parent_answer or "")
    if at is None:
        raise RunFolderError(f"{answer.id}: its prompt is not in this run; run respond again")
    return at.prompt_id


def _words(prompt: Prompt) -> list[list[str]]:
    return [[message.role, message.content] for message in prompt.messages]


def _digest(rows: Sequence[PackedPrompt]) -> str:
    return digest([row.model_dump(mode="json") for row in sorted(rows, key=lambda row: row.id)])
