"""A pull request as a person reads it, and what a later stage changed of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from pullsmith.cli.shown_records import Cut, Lines, field, line, long_text, more, short
from pullsmith.diff.hunks import Hunk, parse_hunks
from pullsmith.errors import PatchError
from pullsmith.records import (
    Defect,
    FileChange,
    LicenceEvidence,
    PullRequest,
    Review,
    ReviewThread,
)
from pullsmith.visible import visible

_SHA_LETTERS = 12
_STYLES = {"+": "green", "-": "red", "\\": "dim"}


def pull_request(record: PullRequest, cut: Cut) -> Lines:
    """Everything that is known of it, most telling first; what is empty is left out."""
    yield from _facts(record)
    if record.defect is not None:
        yield from _defect(record.defect, cut)
    yield from _section("body", record.body, cut)
    yield from _messages(record.commit_messages, cut)
    yield from _files(record.files, cut)
    yield from _talk(record, cut)


def changes(before: PullRequest, record: PullRequest, cut: Cut) -> Lines:
    """The fields a stage changed; one line where it changed none."""
    fields = type(record).model_fields
    changed = [name for name in fields if getattr(before, name) != getattr(record, name)]
    if not changed:
        yield line("as before", "dim")
    for name in changed:
        value = getattr(record, name)
        if name == "files":
            old = {file.path: file for file in before.files}
            yield from _files([file for file in value if old.get(file.path) != file], cut)
        elif name == "scan" and value is not None:
            yield field(
                "secrets",
                f"{', '.join(value.found) or 'none'} masked (rules {value.rules_version})",
            )
        elif isinstance(value, str):
            yield from (
                _section(name, value, cut) if "\n" in value else [field(name, short(value, cut))]
            )
        else:
            yield field(name, "changed; --json shows it")


def _facts(record: PullRequest) -> Lines:
    number = f" #{record.number}" if record.number is not None else ""
    yield line(f"{record.repository}{number}: {record.title}", "bold cyan")
    sure = f"{record.confidence:g}" + (
        f", {record.confidence_reason}" if record.confidence_reason else ""
    )
    yield field("evidence", f"{record.evidence or 'none'} ({record.source}; confidence {sure})")
    pairs = (
        ("author", record.author),
        ("merged", record.merged_at),
        ("branch", record.branch),
        ("commits", _commits(record)),
        ("flags", ", ".join(record.flags)),
        ("labels", ", ".join(record.labels)),
        ("side", str(record.split or record.pool or "")),
    )
    for name, value in pairs:
        if value:
            yield field(name, value)
    yield field("licence", _licence(record.licence))
    for file in record.licence.files if record.licence else ():
        yield field(
            "", f"{file.path}: {file.spdx or 'not recognised'}, blob {file.blob_sha[:_SHA_LETTERS]}"
        )
    for issue in record.closes:
        yield field("closes", f"{issue.repository}#{issue.number} {issue.title}")


def _commits(record: PullRequest) -> str:
    named = (("base", record.base_sha), ("head", record.head_sha), ("merge", record.merge_sha))
    return ", ".join(f"{name} {sha[:_SHA_LETTERS]}" for name, sha in named if sha)


def _licence(licence: LicenceEvidence | None) -> str:
    if licence is None:
        return "no licence file found"
    found_at = licence.found_at
    if len(found_at) in (40, 64):
        found_at = found_at[:_SHA_LETTERS]
    return f"{licence.spdx or 'not recognised'}, at {found_at}"


def _section(name: str, text: str, cut: Cut) -> Lines:
    if text.strip():
        yield line(name, "bold")
        yield from long_text(text, cut, depth=2)


def _messages(messages: Sequence[str], cut: Cut) -> Lines:
    if messages:
        yield line(f"commit messages ({len(messages)})", "bold")
    for message in messages[: cut.text_lines]:
        yield from _bulleted(long_text(message, cut, depth=3))
    if len(messages) > cut.text_lines:
        yield more(len(messages) - cut.text_lines, "messages", depth=2)


def _bulleted(lines: Iterator[Text]) -> Lines:
    for place, one in enumerate(lines):
        yield Text("    - ") + one[6:] if not place else one


def _files(files: Sequence[FileChange], cut: Cut) -> Lines:
    """Each file with its counts, flags and patch; patches beyond the limit are counted, not shown."""
    added, deleted = (
        sum(getattr(file, key) for file in files) for key in ("added_lines", "deleted_lines")
    )
    yield line(f"files ({len(files)}): +{added} -{deleted}", "bold")
    left = cut.all_patch_lines
    for file in files:
        yield _file_head(file)
        lines = list(_patch(file, cut))
        room = max(0, min(cut.patch_lines, left))
        yield from lines[:room]
        if len(lines) > room:
            yield more(len(lines) - room, "lines of this patch", depth=3)
        left -= room if len(lines) > room else len(lines)


def _file_head(file: FileChange) -> Text:
    path = (
        f"{file.old_path} → {file.path}"
        if file.old_path and file.old_path != file.path
        else file.path
    )
    notes = [file.language, f"+{file.added_lines} -{file.deleted_lines}", *file.flags]
    notes += ["binary"] if file.binary else []
    notes += [file.encoding] if file.encoding != "utf-8" else []
    made = line(f"{file.status.value} {path}", "bold", depth=2)
    return made.append(visible(f"  ({', '.join(filter(None, notes))})"), style="dim")


def _patch(file: FileChange, cut: Cut) -> Lines:
    """The patch's lines, each with its number in the old and in the new file."""
    try:
        hunks = parse_hunks(file.patch.encode("utf-8", "surrogatepass"))
    except PatchError:
        yield from long_text(file.patch, cut, depth=3)
        return
    digits = max(
        (len(str(h.old_start + h.old_count + h.new_start + h.new_count)) for h in hunks), default=1
    )
    for hunk in hunks:
        section = hunk.section.decode("utf-8", "surrogatepass")
        where = (
            f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@ {section}"
        )
        yield line(short(where.rstrip(), cut), "cyan", depth=3)
        yield from _hunk(hunk, digits, cut)


def _hunk(hunk: Hunk, digits: int, cut: Cut) -> Lines:
    old, new = hunk.old_start, hunk.new_start
    for raw in hunk.lines:
        content = raw.decode("utf-8", "surrogatepass")
        sign = content[:1] or " "
        left = str(old) if sign in " -" else ""
        right = str(new) if sign in " +" else ""
        old, new = old + (sign in " -"), new + (sign in " +")
        numbers = f"{left:>{digits}} {right:>{digits}} "
        made = line(numbers, "dim", depth=3)
        yield made.append(visible(short(sign + content[1:], cut)), style=_STYLES.get(sign, ""))


def _talk(record: PullRequest, cut: Cut) -> Lines:
    if record.reviews:
        yield line(f"reviews ({len(record.reviews)})", "bold")
    for review in record.reviews:
        yield from _review(review, cut)
    if record.threads:
        yield line(f"review threads ({len(record.threads)})", "bold")
    for thread in record.threads:
        yield from _thread(thread, cut)


def _review(review: Review, cut: Cut) -> Lines:
    yield line(
        f"{review.author or 'somebody'}: {review.state}, {review.written_at}", "yellow", depth=2
    )
    yield from long_text(review.body, cut, depth=3)


def _thread(thread: ReviewThread, cut: Cut) -> Lines:
    first, last = thread.start_line or thread.end_line, thread.end_line
    lines = (
        "a line nobody knows any more"
        if last is None
        else f"{first}"
        if first == last
        else f"{first}-{last}"
    )
    state = {True: "resolved", False: "open", None: ""}[thread.resolved]
    commit = f"at {thread.commit_sha[:_SHA_LETTERS]}" if thread.commit_sha else ""
    notes = (f"{thread.side} side", commit, state, "outdated" if thread.outdated else "")
    yield line(f"{thread.path}:{lines} ({', '.join(filter(None, notes))})", "yellow", depth=2)
    for comment in thread.comments:
        yield line(f"{comment.author or 'somebody'}, {comment.written_at}", "bold", depth=3)
        yield from long_text(comment.body, cut, depth=4)
        for suggestion in comment.suggestions:
            yield line(
                "suggests instead:" if suggestion else "suggests to take the lines out",
                "green",
                depth=4,
            )
            yield from long_text(suggestion, cut, depth=5, style="green")


def _defect(defect: Defect, cut: Cut) -> Lines:
    last = f"-{defect.end_line}" if defect.end_line != defect.start_line else ""
    security = ", security" if defect.security else ""
    yield line("planted defect (its truth: no prompt ever holds it)", "bold magenta")
    yield field(
        "kind", f"{defect.kind}{security}, {defect.path}:{defect.start_line}{last}", depth=2
    )
    yield field("says", defect.header, depth=2)
    yield from long_text(defect.content, cut, depth=3)
    for name, lines, style in (
        ("there stands", defect.defective, "red"),
        ("should be", defect.original, "green"),
    ):
        yield field(name, "" if lines else "nothing", depth=2)
        yield from long_text("\n".join(lines), cut, depth=3, style=style)
