"""Masking a record: every text, patches that still parse, planted secrets that stay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.diff.shown import hunks_of
from pullsmith.records import (
    Drop,
    FileChange,
    HunkContext,
    LinkedIssue,
    PullRequest,
    Review,
    ReviewComment,
    ReviewThread,
)
from pullsmith.redact import RULES_VERSION, SCAN_LIMIT_CHARACTERS, scan_text
from pullsmith.select.secrets import mask_pull_request
from tests.curated import defect, file, planted, real

SECRET = 'password = "k3Jd82hs"'


def masked(record: PullRequest) -> PullRequest:
    outcome = mask_pull_request(record)
    assert isinstance(outcome, PullRequest)
    return outcome


def test_every_text_is_masked_and_one_secret_has_one_placeholder() -> None:
    record = masked(
        real(
            "1",
            file("mail = 'jane@acme.io'", "joe@acme.io", path="mail/joe@acme.io", deleted=[SECRET]),
            title="for jane@acme.io",
            body="by joe@acme.io",
            branch="jane@acme.io/x",
            commit_messages=("x\n\nSigned-off-by: Jane Doe <jane@acme.io>",),
            author="Jane Doe",
        )
    )
    assert record.title == "for <masked-email-1>"
    assert record.body == "by <masked-email-2>"
    assert record.branch == "<masked-email-1>/x"
    assert record.commit_messages == ("x\n\nSigned-off-by: <masked-name-1> <<masked-email-1>>",)
    assert record.author == "<masked-name-1>"
    changed = record.files[0]
    assert changed.path == "mail/<masked-email-2>"
    assert "mail = '<masked-email-1>'\n+<masked-email-2>\n" in changed.patch
    assert '-password = "<masked-secret-1>"' in changed.patch
    assert record.scan is not None
    assert record.scan.rules_version == RULES_VERSION
    assert sorted(record.scan.found) == ["assigned-secret"] + ["email"] * 7 + ["person-name"] * 2


def talk(text: str) -> dict[str, Any]:
    """Every text that a forge adds, being ``text``."""
    comment = ReviewComment(author="jane", body=text, written_at="", suggestions=(text,))
    hunk = f"@@ -1 +1 @@\n-{text}\n+{text}"
    return {
        "labels": (text,),
        "reviews": (Review(author="jane", state="approved", body=text, written_at=""),),
        "threads": (ReviewThread(path=f"{text}/a.py", diff_hunk=hunk, comments=(comment,)),),
        "closes": (LinkedIssue(repository="forge.test/a/b", number=1, title=text, body=text),),
    }


def test_what_people_said_is_masked_too() -> None:
    record = masked(real("1", author="jane", **talk("joe@acme.io")))
    assert "joe" not in record.model_dump_json()
    assert "jane" not in record.model_dump_json()
    assert record.labels == ("<masked-email-1>",)
    assert record.reviews[0].author == record.threads[0].comments[0].author == record.author
    (thread,) = record.threads
    assert thread.path == "<masked-email-1>/a.py"
    assert thread.diff_hunk == "@@ -1 +1 @@\n-<masked-email-1>\n+<masked-email-1>"
    assert thread.comments[0].suggestions == ("<masked-email-1>",)
    assert (record.closes[0].title, record.closes[0].body) == ("<masked-email-1>",) * 2
    assert record.scan is not None
    assert record.scan.found.count("email") == 9


@pytest.mark.parametrize("field", ["labels", "reviews", "threads", "closes"])
def test_a_private_key_in_talk_drops_the_record(field: str) -> None:
    key = "-----BEGIN " + "RSA PRIVATE KEY-----"
    dropped = mask_pull_request(real(**{field: talk(key)[field]}))
    assert isinstance(dropped, Drop)
    assert dropped.reason == "private_key"


def test_a_secret_in_a_suggestion_has_the_placeholder_it_has_in_the_patch() -> None:
    record = masked(real("1", file(SECRET), **talk(SECRET)))
    assert "k3Jd82hs" not in record.model_dump_json()
    assert record.threads[0].comments[0].suggestions == ('password = "<masked-secret-1>"',)
    assert '+password = "<masked-secret-1>"' in record.files[0].patch


def around(*before: str, after: tuple[str, ...] = ()) -> FileChange:
    """A changed file whose one hunk stands between these lines."""
    context = (HunkContext(before=before, after=after),)
    return file("x = 1").model_copy(update={"context": context})


def test_lines_around_a_hunk_are_masked_and_stay_as_many() -> None:
    record = masked(real("1", around(SECRET, "", "a\r", after=("# jane@acme.io",)), body=SECRET))
    assert record.files[0].context == (
        HunkContext(
            before=('password = "<masked-secret-1>"', "", "a\r"), after=("# <masked-email-1>",)
        ),
    )
    assert record.scan is not None
    assert record.scan.found == ("assigned-secret", "assigned-secret", "email")


def test_harmless_lines_around_a_hunk_stay_as_they_are() -> None:
    changed = around("", after=("a", "\r", ""))
    assert masked(real("1", changed)).files == (changed,)
    assert masked(real()).files[0].context is None


def test_a_private_key_around_a_hunk_drops_the_record() -> None:
    dropped = mask_pull_request(real("1", around("-----BEGIN " + "RSA PRIVATE KEY-----")))
    assert isinstance(dropped, Drop)
    assert dropped.reason == "private_key"


def test_harmless_talk_and_programs_stay_as_they_are() -> None:
    said = talk("Why not two?")
    review = Review(author="lint[bot]", state="commented", body="E501", written_at="")
    record = masked(real(**{**said, "reviews": (review,), "threads": ()}))
    assert record.reviews == (review,)
    assert (record.labels, record.closes) == (said["labels"], said["closes"])
    assert record.scan is not None
    assert record.scan.found == ()


def test_a_clean_record_only_gets_its_mark() -> None:
    record = real()
    after = masked(record)
    assert after.scan is not None
    assert after.scan.found == ()
    assert after.model_copy(update={"scan": None}) == record


def test_a_bot_keeps_its_name() -> None:
    assert masked(real(author="renovate[bot]", flags=("bot",))).author == "renovate[bot]"


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("private_key", "-----BEGIN " + "RSA PRIVATE KEY-----"),
        ("too_long_to_scan", "a" * (SCAN_LIMIT_CHARACTERS + 1)),
    ],
)
def test_what_cannot_be_masked_or_scanned_is_dropped(reason: str, text: str) -> None:
    dropped = mask_pull_request(real("1", file(text)))
    assert isinstance(dropped, Drop)
    assert dropped.reason == reason
    assert isinstance(mask_pull_request(real(body=text)), Drop)


def test_a_planted_secret_stays_and_the_rest_is_masked() -> None:
    lines = (SECRET, 'token = "aa11bb22cc"', "x = 'jane@acme.io'")
    record = masked(planted("1", file(*lines), defect=defect(SECRET, kind="secret")))
    patch = record.files[0].patch
    assert f"+{SECRET}\n" in patch
    assert '+token = "<masked-secret-1>"' in patch
    assert "<masked-email-1>" in patch
    assert record.defect is not None
    assert record.defect.defective == (SECRET,)
    assert record.scan is not None
    assert (record.scan.found, record.scan.planted_kept) == (("assigned-secret", "email"), 1)


@pytest.mark.parametrize(
    "record",
    [
        real("1", file(SECRET), defect=defect(SECRET, kind="secret")),  # not planted
        planted("1", file(SECRET), defect=defect(SECRET, kind="sql")),  # another defect
        planted("1", file(SECRET, path="b.py"), defect=defect(SECRET, kind="secret")),
        planted("1", file(SECRET)),
        real("1", file(SECRET), flags=("planted-secret",)),
    ],
)
def test_a_secret_that_is_not_ours_is_masked(record: PullRequest) -> None:
    assert SECRET not in masked(record).files[0].patch


def test_a_planted_secret_that_is_taken_out_stays_on_the_deleted_side() -> None:
    flags = ("planted", "planted-secret")
    record = masked(planted("1", file('token = "aa11bb22cc"', deleted=[SECRET]), flags=flags))
    assert f"-{SECRET}\n" in record.files[0].patch
    assert '+token = "<masked-secret-1>"' in record.files[0].patch
    assert record.scan is not None
    assert record.scan.planted_kept == 1


def test_the_truth_still_names_the_patchs_own_line() -> None:
    line = "except: jane@acme.io"
    record = masked(planted("1", file(line), defect=defect(line)))
    assert record.defect is not None
    assert f"+{record.defect.defective[0]}\n" in record.files[0].patch
    assert record.defect.defective == ("except: <masked-email-1>",)
    assert record.scan is not None
    assert record.scan.found == ("email",)  # counted once


LINES = st.lists(
    st.sampled_from(
        ["jane@acme.io", SECRET, "", "+x@acme.io", "-by: x", "@@ -1 +1 @@", "Jane Doe <j@acme.io>"]
    )
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=12),
    max_size=5,
)


@given(LINES, LINES)
def test_masked_patches_parse_with_the_same_signs_and_counts(
    added: list[str], deleted: list[str]
) -> None:
    before = file(*added, deleted=deleted)
    after = masked(real("1", before)).files[0]
    shapes = [
        [
            (hunk.old_count, hunk.new_count, [line[:1] for line in hunk.lines])
            for hunk in hunks_of(f)
        ]
        for f in (before, after)
    ]
    assert shapes[0] == shapes[1]
    assert not scan_text(after.patch.replace("\n+", "\n ").replace("\n-", "\n "))
