"""A reference of a study as a pack: its answers and the prompts they are to, out of the run.

Takes a study whose reference has answered; gives the rows of a pack.
"""

from __future__ import annotations

from pullsmith.errors import RunFolderError, StudyError
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
