"""A reference of a study as a pack: its answers and the prompts they are to, out of the run.

Takes a study whose reference has answered; gives the rows of a pack, and which of them may be handed on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.exclusions import Exclusions, read_exclusions
from pullsmith.publish.handed_on import removed_by
from pullsmith.publish.scanned import holds_secret
from pullsmith.records import Answer, Prompt, Split
from pullsmith.reference_pack import PackedPrompt, packed
from pullsmith.store import JobKey, RunFolder
from pullsmith.study import Study
from pullsmith.study.roles import ReferenceRole


def reference_named(study: Study, label: str) -> ReferenceRole:
    """The reference that ``label`` names, by label or cell; the only one where it is empty.

    Raises StudyError naming those there are.
    """
    if not label and len(study.reference) == 1:
        return study.reference[0]
    for role in study.reference:
        if label in (role.label, role.cell):
            return role
    said = f"no reference {label!r}" if label else "several references"
    names = ", ".join(role.label for role in study.reference)
    raise StudyError(f"{study.name} has {said}; write STUDY.toml#REFERENCE, one of: {names}")


def packed_reference(run: RunFolder, role: ReferenceRole) -> list[PackedPrompt]:
    """The rows of the reference's pack; raises RunFolderError where it has not answered yet."""
    if run.job(JobKey("respond", role.cell)).manifest() is None:
        raise RunFolderError(
            f"{role.label} has not answered yet; pullsmith run STUDY.toml --until respond"
        )
    prompts = {
        prompt.id: prompt
        for prompt in run.read("render", Prompt)
        if prompt.split is Split.EVAL and prompt.contract == role.contract
    }
    answers = run.read("respond", Answer, role.cell)
    return packed((role.model, role.label), prompts, answers)


def may_be_handed_on(
    study: Study, run: RunFolder, rows: Sequence[PackedPrompt], *, exclude: Path | None = None
) -> tuple[list[PackedPrompt], dict[str, int]]:
    """The rows without what a file of exclusions names or the last scan finds; the others by reason.

    Secrets that we planted ourselves may stay.
    """
    lists = [read_exclusions(study.select.exclude), read_exclusions(exclude)]
    removed = removed_by(run, [each for each in lists if each != Exclusions()])
    left_out: Counter[str] = Counter()
    kept = []
    for row in rows:
        if row.prompt.pull_request_id in removed:
            left_out["removed"] += 1
        elif not row.prompt.scan.planted_kept and _has_secret(row):
            left_out["secret_found"] += 1
        else:
            kept.append(row)
    return kept, dict(left_out)


def _has_secret(row: PackedPrompt) -> bool:
    texts = [message.content for message in row.prompt.messages]
    return holds_secret([*texts, *(answer.text for answer in row.answers)])
