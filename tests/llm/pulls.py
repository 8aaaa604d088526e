"""Hand-made pull requests of one Python file, with and without a planted defect."""

from __future__ import annotations

from typing import Any

from pullsmith.contracts.task import Task
from pullsmith.diff.shown import ShownDiff, whole
from pullsmith.records import (
    ChangeStatus,
    Defect,
    FileChange,
    Prompt,
    PullRequest,
    Split,
    prompt_id,
)
from tests.llm.asked import SCAN

PATH = "app/load.py"


def change(
    patch: str,
    *,
    path: str = PATH,
    status: ChangeStatus = ChangeStatus.MODIFIED,
    language: str = "python",
) -> FileChange:
    """A changed file."""
    rows = patch.split("\n")
    return FileChange(
        path=path,
        old_path=None if status is ChangeStatus.ADDED else path,
        status=status,
        language=language,
        patch=patch,
        added_lines=sum(row.startswith("+") for row in rows),
        deleted_lines=sum(row.startswith("-") for row in rows),
    )


def added(*lines: str, start: int = 5) -> str:
    """A patch of one hunk that only adds ``lines``, from line ``start`` on."""
    rows = "".join(f"+{line}\n" for line in lines)
    return f"@@ -{start - 1},0 +{start},{len(lines)} @@ def load\n{rows}"


def pull_request(*files: FileChange, title: str = "Extend load", **fields: Any) -> PullRequest:
    """A real pull request; ``fields`` say otherwise."""
    return PullRequest(
        id="example.org/o/r@1",
        source="git",
        repository="example.org/o/r",
        group="r",
        title=title,
        files=files,
        scan=SCAN,
    ).model_copy(update=fields)


BAD, GOOD = "    if path == None:", "    if path is None:"
DEFECT = Defect(
    kind="none_eq",
    path=PATH,
    start_line=6,
    end_line=6,
    defective=(BAD,),
    original=(GOOD,),
    header="None comparison",
    content="None is compared with an equality operator.",
)


def planted(
    defect: Defect | None = DEFECT,
    *,
    name: str = "a1",
    evidence: str = "planted:grow",
    **fields: Any,
) -> PullRequest:
    """A planted pull request that adds three lines, the middle one of them wrong or right."""
    middle = (GOOD,) if defect is None else defect.defective
    return pull_request(
        change(added("    path = find(path)", *middle, "        return 0")),
        id=f"planted:{name}",
        source="planted",
        repository="planted:stdlib",
        group="planted:load.py",
        evidence=evidence,
        defect=defect,
        pool=Split.TRAIN,
        **fields,
    )


def shown_of(pull: PullRequest) -> ShownDiff:
    """All of it."""
    return ShownDiff.of(pull, whole(pull))


def task_of(tool: str, pull: PullRequest) -> Task:
    """A tool asked about all of it."""
    return Task(tool, pull, whole(pull), shown_of(pull))


def prompt(
    pull: PullRequest, tool: str, *, contract: str = "native-1", split: Split = Split.TRAIN
) -> Prompt:
    """A prompt that shows all of ``pull`` in few words."""
    from pullsmith.contracts.contract import find_contract

    return Prompt(
        id=prompt_id(pull.id, tool=tool, contract=contract),
        pull_request_id=pull.id,
        tool=tool,
        contract=contract,
        split=split,
        messages=find_contract(contract).messages(task_of(tool, pull)),
        coverage=whole(pull),
        scan=SCAN,
    )
