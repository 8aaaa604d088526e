"""The frozen list of which pull request is where, and what may still happen to it.

Takes what a split decided and the manifest that is there; gives the manifest to keep. Lies beside
the stages' folders, in splits/NAME.json, so that neither --restart nor other settings touch it. Its
evaluation set never changes; what is trained on may grow. Anything else is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from pullsmith.errors import RunFolderError
from pullsmith.records import Split, SplitManifest, digest
from pullsmith.split.light import Light
from pullsmith.split.sides import Sides, group_sides
from pullsmith.store import RunFolder, make_folder, write_bytes
from pullsmith.study import Study

_SHOWN = 3
_ANOTHER = "make another split beside it with --new-split NAME"


def manifest_path(run: RunFolder, name: str) -> Path:
    """Where the split called ``name`` is kept."""
    return run.frozen_split(name)


def read_manifest(path: Path) -> SplitManifest | None:
    """The manifest, or None where the split is new; raises RunFolderError where it was edited."""
    if not path.exists():
        return None
    try:
        manifest = SplitManifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise RunFolderError(
            f"{path}: no split of this version: {error.errors()[0]['msg']}"
        ) from error
    if _hashed(manifest) != manifest:
        raise RunFolderError(
            f"{path}: its id is not the digest of what it says, so somebody edited it; put the "
            f"original back, or {_ANOTHER}"
        )
    return manifest


def keep_manifest(path: Path, manifest: SplitManifest) -> None:
    """Write it down, the folder with it."""
    make_folder(path.parent)
    write_bytes(path, as_bytes(manifest))


def as_bytes(manifest: SplitManifest) -> bytes:
    """The manifest as a file."""
    return manifest.model_dump_json(indent=2).encode() + b"\n"


def rules_of(study: Study) -> tuple[str, ...]:
    """The settings that decided a split, each as ``key = value``; they are frozen with it."""
    told = {
        "seed": study.seed,
        "split.name": study.split.name,
        "split.by": study.split.by,
        "split.eval_share": study.split.eval_share,
        "split.eval_after": study.split.eval_after,
        "eval.per_tool": study.eval.per_tool,
        "eval.chosen_by": study.eval.chosen_by,
    }
    return tuple(f"{key} = {value}" for key, value in told.items())


def check_unchanged(
    frozen: SplitManifest, there: Collection[str], *, rules: Sequence[str], picked: Collection[str]
) -> None:
    """Raise RunFolderError where the evaluation set could not stay as it was frozen.

    ``there`` are the held-out records as they are now, ``picked`` those that people want, if any.
    """
    if list(frozen.rules) != list(rules):
        pairs = zip(frozen.rules, rules, strict=False)
        changed = [f"{old} → {new}" for old, new in pairs if old != new]
        raise RunFolderError(
            f"split: split {frozen.name!r} was frozen under other settings ({'; '.join(changed)}); "
            f"it is never changed: {_ANOTHER}"
        )
    gone = sorted(set(frozen.eval) - set(there))
    if gone:
        more = f" and {len(gone) - _SHOWN} more" if len(gone) > _SHOWN else ""
        raise RunFolderError(
            f"split: {len(gone)} of the {len(frozen.eval)} pull requests that split {frozen.name!r} "
            f"holds out are not selected any more: {', '.join(gone[:_SHOWN])}{more}. It is never "
            f"changed: take the change of the sources or of [select] back, or {_ANOTHER}"
        )

    if picked and set(picked) != set(frozen.eval):
        raise RunFolderError(
            f"split: people have picked other pull requests since split {frozen.name!r} was frozen; "
            f"it is never changed: {_ANOTHER}"
        )


def freeze(
    ids: Mapping[str, Split],
    sides: Sides,
    everyone: Sequence[Light],
    *,
    rules: tuple[str, ...],
    frozen: SplitManifest | None = None,
) -> SplitManifest:
    """The manifest of the kept ``ids``, on top of ``frozen``; the same object where nothing is new.

    The sides of whole groups are those of ``everyone``, kept or not.
    """
    kept = {side: {name for name, where in ids.items() if where is side} for side in Split}
    groups = group_sides(everyone, sides)
    old = frozen or _new(sides, sorted(kept[Split.EVAL]), rules)
    grown = old.model_copy(
        update={
            "train": _union(old.train, kept[Split.TRAIN]),
            "train_groups": _union(old.train_groups, _of(groups, Split.TRAIN)),
            "eval_groups": _union(old.eval_groups, _of(groups, Split.EVAL)),
        }
    )
    if frozen is not None and grown == frozen:
        return frozen
    return _hashed(grown.model_copy(update={"extends": old.id}))


def _new(sides: Sides, held_out: Sequence[str], rules: tuple[str, ...]) -> SplitManifest:
    told = dict(rule.split(" = ", 1) for rule in rules)
    return SplitManifest(
        id="",
        name=told["split.name"],
        by=sides.by.value,
        eval_from=sides.eval_from,
        train=(),
        eval=tuple(held_out),
        chosen_by=told["eval.chosen_by"],
        rules=rules,
    )


def _hashed(manifest: SplitManifest) -> SplitManifest:
    bare = manifest.model_copy(update={"id": ""})
    return bare.model_copy(update={"id": digest(bare)})


def _of(groups: Mapping[str, Split], side: Split) -> set[str]:
    return {name for name, where in groups.items() if where is side}


def _union(old: tuple[str, ...], new: set[str]) -> tuple[str, ...]:
    return tuple(sorted({*old, *new}))
