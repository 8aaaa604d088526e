"""Hand-made pull requests and run folders for the tests of select, split and clean."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pullsmith.engine import StageContext
from pullsmith.records import ChangeStatus, Defect, FileChange, PullRequest, Record
from pullsmith.rows import count_rows, read_rows
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, make_folder
from pullsmith.study import Study
from pullsmith.tally import Tally

R = TypeVar("R", bound=Record)


def file(
    *added: str, path: str = "app/a.py", deleted: Iterable[str] = (), flags: tuple[str, ...] = ()
) -> FileChange:
    """A changed file of one hunk: the deleted lines, the added ones, one line of context."""
    gone = tuple(deleted)
    head = f"@@ -1,{len(gone) + 1} +1,{len(added) + 1} @@"
    lines = [head, *(f"-{line}" for line in gone), *(f"+{line}" for line in added), " end"]
    return FileChange(
        path=path,
        status=ChangeStatus.MODIFIED,
        language="python",
        patch="\n".join(lines) + "\n",
        added_lines=len(added),
        deleted_lines=len(gone),
        flags=flags,
    )


def real(name: str = "1", *files: FileChange, **changes: Any) -> PullRequest:
    """A real pull request; its merge id, files and other fields as given."""
    repository = str(changes.pop("repository", "forge.test/a/b"))
    record = PullRequest(
        id=f"{repository}@{name}",
        source="git",
        repository=repository,
        group=repository,
        title=f"Change {name}",
        merged_at=f"2026-01-{int(name):02}T00:00:00Z" if name.isdigit() else "",
        files=files or (file(f"x = {name!r}"),),
    )
    return record.model_copy(update=changes)


def planted(name: str, *files: FileChange, **changes: Any) -> PullRequest:
    """A planted pull request of a source file of its own; clean unless ``defect`` says otherwise."""
    record = real(name, *files, repository="planted:stdlib")
    update: dict[str, Any] = {"source": "planted", "flags": ("planted",), "merged_at": ""}
    update |= {"id": f"planted:{name}", "group": f"planted:{name}.py"}
    return record.model_copy(update=update | changes)


def defect(line: str, *, kind: str = "bare_except", path: str = "app/a.py") -> Defect:
    """The truth of a pull request whose first added line is ``line``."""
    return Defect(
        kind=kind,
        path=path,
        start_line=1,
        end_line=1,
        defective=(line,),
        original=("pass",),
        header="Header",
        content="Content.",
    )


def study(**settings: object) -> Study:
    """A study of the embedded student in compact-1; further tables as given."""
    tables: dict[str, Any] = {
        "name": "test",
        "collect": {"sources": [{"planted": "stdlib", "count": 1}]},
        "teacher": [{"model": "rules+truth", "contract": "compact-1"}],
        "student": [{"model": "tiny", "contract": "compact-1"}],
    }
    return Study.model_validate(tables | settings)


def finish(run: RunFolder, stage: str, record_type: type[R], rows: Iterable[R]) -> None:
    """Write ``rows`` as the finished job of ``stage``."""
    job = run.job(JobKey(stage))
    make_folder(job.path)
    job.write(record_type, rows)
    finish_as_it_is(job)


def finish_as_it_is(job: JobFolder) -> None:
    """Give a job, whose rows are there, the manifest that makes it a finished one."""
    count = sum(count_rows(path) for path in job.shards())
    job.finish(
        Manifest(
            pullsmith_version="test",
            stage=job.path.name,
            cell=None,
            settings={},
            inputs={},
            tally=Tally.of(records_in=count, records_out=count, drops=()),
            output_digest="",
            versions={},
            measured={},
        )
    )


def context(folder: Path, stage: str, made: Study) -> StageContext:
    """What the pipeline gives a stage, over a run folder."""
    run = RunFolder(folder)
    job = run.job(JobKey(stage))
    make_folder(job.path)
    return StageContext(study=made, run=run, job=job)


def written(made: StageContext, record_type: type[R]) -> list[R]:
    """The rows a stage left in its job folder, which nobody has finished yet."""
    return [row for shard in made.job.shards() for row in read_rows(shard, record_type)]
