"""What PR-Agent shows under its budget: everything, what is left after pruning, or several parts.

Takes a pull request, a tool and a token counter; gives a coverage for each prompt. Each adds up to
the whole diff: what another part shows is omitted from this one with that reason. The steps, their
order and their faults are PR-Agent's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pullsmith.contracts.pr_agent.counting import kept_characters
from pullsmith.contracts.pr_agent.cuts import cut_file
from pullsmith.contracts.pr_agent.files import File, Omission, Selected, count_hunks, is_deleted
from pullsmith.contracts.pr_agent.names import Unshown, lists_of_names
from pullsmith.contracts.pr_agent.texts import CLIPPED, LayoutForm, Writer
from pullsmith.records import ChangeStatus, Coverage, FileChange, Layout, OmittedFile, ShownFile
from pullsmith.tokens import Counter

# A line that begins with a plus, wherever PR-Agent sees lines begin.
_ADDS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\\+")


@dataclass(frozen=True)
class Budget:
    """``most`` tokens for everything, ``prompt`` of them already spent on the prompt without a diff."""

    most: int
    prompt: int
    count: Counter
    calls: int
    clips: bool


@dataclass(frozen=True)
class _Remaining:
    """A file without its last deletions, as text, and what that costs."""

    file: File
    text: str
    tokens: int


@dataclass
class _Part:
    """One of several prompts while it is filled."""

    shown: list[ShownFile]
    tokens: int = 0


def pack(
    selected: Selected, writer: Writer, budget: Budget, layout: Layout
) -> tuple[Coverage, ...]:
    """The coverages; none where nothing is shown. ``layout`` has what they share."""
    written = [writer.extended(file) for file in selected.files]
    tokens = [budget.count(text) for text, _ in written]
    if budget.prompt + sum(tokens) + writer.version.soft_reserve < budget.most:
        whole = tuple(_whole(file, writer) for file in selected.files)
        flags = () if all(complete for _, complete in written) else ("no_context",)
        update = {"form": LayoutForm.EXTENDED.value, "flags": (*layout.flags, *flags)}
        made = _coverage(selected, whole, {}, sum(tokens), layout.model_copy(update=update))
        return (made,) if whole else ()
    if writer.tool.parts:
        return _parts(selected, writer, budget, layout)
    costs = dict(zip((file.path for file in selected.files), tokens, strict=True))
    ordered = [
        file for group in selected.groups for file in sorted(group, key=lambda f: -costs[f.path])
    ]
    return _pruned(ordered, selected, writer, budget, layout)


def _whole(file: File, writer: Writer) -> ShownFile:
    hunks = () if writer.only_names(file) else tuple(range(count_hunks(file.change)))
    return ShownFile(path=file.path, hunks=hunks)


def _pruned(
    ordered: Sequence[File], selected: Selected, writer: Writer, budget: Budget, layout: Layout
) -> tuple[Coverage, ...]:
    """One prompt: files in this order while they fit, then the names of the others."""
    installation, version = writer.installation, writer.version
    most = budget.most - version.hard_reserve
    used = budget.prompt
    shown: list[ShownFile] = []
    named: list[FileChange] = []
    for rest in _remaining(ordered, writer, budget):
        file = rest.file
        too_large = used + rest.tokens > budget.most - version.soft_reserve
        if used <= most and not too_large and rest.text:
            used += budget.count(writer.pruned(file.path, rest.text))
            shown.append(ShownFile(path=file.path, hunks=tuple(range(_adding_hunks(file)))))
        elif not version.lists_large_only or (used <= most and too_large):
            named.append(file.change)
    deleted = [file.path for file in ordered if is_deleted(file.change, installation)]
    words = lists_of_names(Unshown(named, deleted), used, most, installation, budget.count)
    if not shown and not words:
        return ()
    update = {"form": LayoutForm.PRUNED.value, "afterword": words}
    tokens = used - budget.prompt
    return (_coverage(selected, shown, {}, tokens, layout.model_copy(update=update)),)


def _parts(
    selected: Selected, writer: Writer, budget: Budget, layout: Layout
) -> tuple[Coverage, ...]:
    """Several prompts, filled one after the other in the files' order."""
    limit = budget.most - writer.version.soft_reserve
    parts = [_Part([])]
    for rest in _remaining(selected.files, writer, budget):
        fitted = _fitted(rest, limit, writer, budget)
        if fitted is None:
            continue
        shown, tokens = fitted
        if budget.prompt + parts[-1].tokens + tokens > limit:
            if len(parts) >= budget.calls and not writer.version.stops_late:
                break
            parts.append(_Part([]))
        parts[-1].shown.append(shown)
        parts[-1].tokens += tokens
        if len(parts) > budget.calls:
            break
    elsewhere = {file.path: file.hunks for part in parts for file in part.shown}
    layout = layout.model_copy(update={"form": LayoutForm.PART.value})
    return tuple(
        _coverage(selected, part.shown, elsewhere, part.tokens, layout)
        for part in parts
        if part.shown
    )


def _fitted(
    rest: _Remaining, limit: int, writer: Writer, budget: Budget
) -> tuple[ShownFile, int] | None:
    """The file as a part can show it, cut where it has to be; None where it cannot."""
    file, hunks = rest.file, tuple(range(_adding_hunks(rest.file)))
    text = writer.part(file.path, rest.text)
    tokens = budget.count(text) if text != rest.text else rest.tokens
    if budget.prompt + tokens <= limit:
        return ShownFile(path=file.path, hunks=hunks), tokens
    kept = kept_characters(text, limit - budget.prompt, budget.count, counted=tokens)
    if not budget.clips or not kept:
        return None
    characters = len(text[:kept].rsplit("\n", 1)[0])
    tokens = budget.count(text[:characters] + CLIPPED)
    if budget.prompt + tokens > limit:
        return None
    return cut_file(file, text, characters, hunks), tokens


def _remaining(files: Sequence[File], writer: Writer, budget: Budget) -> Iterator[_Remaining]:
    for file in files:
        if not is_deleted(file.change, writer.installation):
            text = writer.remaining(file)
            yield _Remaining(file, text, budget.count(text))


def _adding_hunks(file: File) -> int:
    """How many hunks there are up to the last that adds; those behind it are left out."""
    hunks = file.change.patch.split("\n@@ -")
    while hunks and not _ADDS.search(hunks[-1]):
        hunks.pop()
    return len(hunks)


def _coverage(
    selected: Selected,
    shown: Sequence[ShownFile],
    elsewhere: Mapping[str, Sequence[int]],
    tokens: int,
    layout: Layout,
) -> Coverage:
    """``elsewhere`` are the hunks that all prompts together show, this one included."""
    here = {file.path: file.hunks for file in shown}
    missing = [
        entry
        for file in selected.files
        for entry in _omissions(file, here.get(file.path), elsewhere.get(file.path, ()))
    ]
    omitted = (*selected.omitted, *missing)
    return Coverage(shown=tuple(shown), omitted=omitted, diff_tokens=tokens, layout=layout)


def _omissions(
    file: File, here: Sequence[int] | None, elsewhere: Sequence[int]
) -> Iterator[OmittedFile]:
    """An entry a reason for the hunks that are not shown here."""
    deleted = file.change.status is ChangeStatus.DELETED
    adding = 0 if deleted else _adding_hunks(file)
    reasons: dict[Omission, list[int]] = {}
    for hunk in range(count_hunks(file.change)):
        if hunk in (here or ()):
            continue
        reason = Omission.ANOTHER_PART if hunk in elsewhere else Omission.OVER_BUDGET
        if hunk >= adding:
            reason = Omission.DELETED if deleted else Omission.DELETE_ONLY
        reasons.setdefault(reason, []).append(hunk)
    for reason, hunks in reasons.items():
        yield OmittedFile(path=file.path, reason=reason, hunks=tuple(hunks))
