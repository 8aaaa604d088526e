"""Scanning and masking: what holds for every text."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pullsmith.errors import SecretError
from pullsmith.redact import SCAN_LIMIT_CHARACTERS, Masker, mask, scan_text

PIECES = (
    'password = "hunter2"', "DB_TOKEN=a1b2c3d4\n", "jane@acme.io", "Jane Doe <", ">", "\n", "+", "-",
    " ", '"', "Signed-off-by: ", "https://me:pw@", "ghp_" + "k3Jd82hsQ0" * 4, "Bearer ", "secret: ",
    "\x0b", "\u2028", "\x85", "İ", "@@ -1 +1 @@", "<masked-secret-1>", "\r\n", "x", "=",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)


@given(TEXTS)
@example(
    'Signed-off-by: password = "hunter2"https://me:pw@'
)  # a name only once the secret is masked
def test_masking_keeps_lines_and_scans_clean(text: str) -> None:
    masked, rules = mask(text)
    assert len(masked.splitlines()) == len(text.splitlines())
    assert len(rules) == len(scan_text(text))
    if not rules:
        assert masked == text
    again, left = mask(masked)
    assert (again, left) == (masked, ())


@given(TEXTS)
def test_findings_are_in_order_and_apart(text: str) -> None:
    end = 0
    for finding in scan_text(text):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


def test_equal_secrets_get_equal_placeholders() -> None:
    masker = Masker()
    assert masker.mask("jane@acme.io joe@acme.io") == "<masked-email-1> <masked-email-2>"
    assert masker.mask("joe@acme.io") == "<masked-email-2>"
    assert masker.mask('password = "hunter2"') == 'password = "<masked-secret-1>"'
    assert masker.found == ["email", "email", "email", "assigned-secret"]


def test_a_private_key_is_refused() -> None:
    with pytest.raises(SecretError) as caught:
        mask("-----BEGIN " + "PRIVATE KEY-----")
    assert caught.value.reason == "private_key"


def test_too_long_a_text_is_refused_not_passed() -> None:
    assert scan_text("a" * SCAN_LIMIT_CHARACTERS) == ()
    with pytest.raises(SecretError) as caught:
        scan_text("a" * (SCAN_LIMIT_CHARACTERS + 1))
    assert caught.value.reason == "too_long_to_scan"


@pytest.mark.parametrize(
    "piece",
    [
        "eyJ",
        "a@",
        "token=",
        'token="',
        "://",
        "a:b@c.",
        "xoxb-",
        "passwordkey_key_",
        "-by: x",
        "A a ",
    ],
)
def test_time_is_linear_in_hostile_texts(piece: str) -> None:
    # A quadratic rule needs minutes for this; the bound is far from both.
    text = piece * (400_000 // len(piece))
    started = time.process_time()
    scan_text(text)
    assert time.process_time() - started < 10
