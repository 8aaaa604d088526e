"""The recogniser: known texts in any layout, and nothing that differs by a word."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from pullsmith.collect.licence import is_licence_name, read_evidence, recognise

TEXTS = dict(LICENSES)
WORDS = st.sampled_from(["not", "non", "commercial", "except", "military", "may", "only", "evil"])


@pytest.mark.parametrize("spdx", sorted(TEXTS))
def test_its_own_text_is_recognised(spdx: str) -> None:
    assert recognise(TEXTS[spdx]) == spdx


@pytest.mark.parametrize("spdx", ["MIT", "BSD-3-Clause", "Apache-2.0", "ISC", "BSD-2-Clause"])
def test_layout_holder_and_heading_do_not_matter(spdx: str) -> None:
    text = TEXTS[spdx].replace("[year]", "2019-2024").replace("[fullname]", "Ada & Co. Ltd.")
    commented = "".join(f" * {line}\r\n" for line in text.split("\n"))
    assert recognise(commented) == spdx
    assert recognise(re.sub(r"[ \t]+", "  ", text)) == spdx
    assert recognise(text.replace("icense", "icence")) == spdx


def test_open_names_of_bsd() -> None:
    text = TEXTS["BSD-3-Clause"]
    named = text.replace("Neither the name of the copyright holder", "Neither the name of Ada Inc")
    assert named != text
    assert recognise(named) == "BSD-3-Clause"
    assert recognise(text.replace("endorse or promote", "promote")) is None


def test_apache_without_its_how_to_and_as_a_notice() -> None:
    whole = TEXTS["Apache-2.0"]
    terms, end, how_to = whole.partition("END OF TERMS AND CONDITIONS")
    assert recognise(terms + end) == "Apache-2.0"
    notice = how_to[how_to.index("Licensed under") :]
    assert recognise(f"Copyright 2019 Ada\n\n{notice}") == "Apache-2.0"
    assert recognise(terms + end + "\n\nNot for commercial use.") is None


@pytest.mark.parametrize(
    "addition",
    [
        "The Software shall be used for Good, not Evil.",
        "The Software may not be sold.",
        "Copyright (c) 2020 Ada. This may be used by anybody but those who sell software, weapons or ads",
        "non commercial",
    ],
)
@pytest.mark.parametrize("spdx", ["MIT", "BSD-3-Clause", "Apache-2.0"])
def test_an_added_restriction_is_unknown(spdx: str, addition: str) -> None:
    assert recognise(TEXTS[spdx]) == spdx
    assert recognise(f"{TEXTS[spdx]}\n{addition}\n") is None
    assert recognise(f"{addition}\n{TEXTS[spdx]}") is None


@given(st.sampled_from(["MIT", "ISC", "BSD-2-Clause", "Zlib"]), st.integers(30, 90), WORDS)
def test_one_word_more_or_less_is_unknown(spdx: str, at: int, word: str) -> None:
    parts = re.split(r"(\s+)", TEXTS[spdx])
    at *= 2  # words stand at even places
    assert recognise("".join([*parts[:at], word + " ", *parts[at:]])) is None
    if re.search(r"[A-Za-z]{2}", parts[at]):
        assert recognise("".join([*parts[:at], *parts[at + 1 :]])) is None


def test_texts_that_are_no_licence() -> None:
    assert recognise("") is None
    assert recognise("See LICENSE.md") is None
    assert recognise("MIT") is None  # a name grants nothing by itself


def test_installed_packages_are_never_misnamed() -> None:
    """What distributions declare is the truth here; unknown is allowed, another name is not."""
    checked = 0
    for distribution in distributions():
        declared = (distribution.metadata.get_all("License-Expression") or [""])[0]
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if (
                declared not in TEXTS
                or "vendor" in str(file)
                or path.suffix not in ("", ".txt", ".md")
            ):
                continue
            in_root = len(file.parts) <= 3 and file.parts[0].endswith(".dist-info")
            if in_root and is_licence_name(path.name) and path.is_file():
                found = recognise(path.read_bytes().decode("utf-8", "surrogateescape"))
                assert found in (declared, None), path.name
                checked += found == declared
    assert checked >= 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LICENSE", True), ("LICENCE.txt", True), ("LICENSE-MIT", True), ("COPYING", True),
        ("UNLICENSE", True), ("license.py", False), ("licenses", False), ("README", False),
        ("LICENSE_CHECK.sh", False),
    ],
)  # fmt: skip
def test_names(name: str, expected: bool) -> None:
    assert is_licence_name(name) is expected


def test_evidence_of_several_files() -> None:
    mit, apache = TEXTS["MIT"].encode(), TEXTS["Apache-2.0"].encode()
    one = read_evidence({"LICENSE": mit}, "c1")
    assert one is not None
    assert (one.spdx, one.files[0].path, one.found_at) == ("MIT", "LICENSE", "c1")
    both = read_evidence({"LICENSE-MIT": mit, "LICENSE-APACHE": apache}, "c1")
    assert both is not None
    assert both.spdx == "Apache-2.0 AND MIT"
    assert [one.path for one in both.files] == ["LICENSE-APACHE", "LICENSE-MIT"]
    part = read_evidence({"LICENSE": mit, "COPYING": b"All rights reserved."}, "c1")
    assert part is not None
    assert part.spdx is None
    assert read_evidence({}, "c1") is None
