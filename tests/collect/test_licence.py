"""The recogniser: known texts in any layout, and nothing that differs by a word that counts."""

from __future__ import annotations

import re
import textwrap
from importlib.metadata import distributions
from itertools import dropwhile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from pullsmith.collect.licence import (
    MAX_BYTES,
    evidence_of,
    is_licence_name,
    read_evidence,
    recognise,
    recognise_blob,
)
from pullsmith.collect.licence_texts import bundled_texts, common_passages
from pullsmith.records import LicenceFile
from pullsmith.spdx import KNOWN, PERMISSIVE

NAMED = ((spdx if spdx in KNOWN else f"{spdx}-only", text) for spdx, text in LICENSES)
TEXTS: dict[str, str] = {spdx: text for spdx, text in NAMED if spdx in KNOWN}
FREE = sorted(PERMISSIVE & set(TEXTS))
LIMITS = st.sampled_from([
    "not", "non", "no", "never", "only", "except", "unless", "commercial", "noncommercial",
    "military", "evil", "academic", "internal", "weapons", "prohibited", "forbidden",
    "restricted", "personal",
])  # fmt: skip
# Where a licence names somebody: words may come and go there, if they are somebody's name.
PLACES = re.compile(
    r"(?i)copyright \(c\)[^\n]*|copyright [\[<\d][^\n]*|the author disclaims|provided by\s+[\w\s]+?\"as is\""
    r"|shall\s+[\w\s]+?\s+be\s+liable|will\s+[\w\s]+?\s+be\s+held\s+liable|neither\s+the\s+name[\w\s,\[\]]+?may"
    r"|end of terms and conditions|and/or|(?<=all )copies|all rights reserved|\[[\w ]+\]|as is\" and[\w\s]+disclaims"
    r"|\b[ivx]+[).]|\.txt\b|https?:"
)
WORD = re.compile(r"[A-Za-z]{2,}")


def body(spdx: str) -> str:
    """The terms without their title, which may be worded otherwise."""
    text = TEXTS[spdx].partition("END OF TERMS")[0]
    below = text.partition("\n\n")[2]
    return below if recognise(below) == spdx else text


def content_words(spdx: str, text: str) -> list[tuple[int, int]]:
    """Places of the words that count: from the first that stands in no title on."""
    title = next(
        one.title for ones in common_passages().values() for one in ones if one.spdx == spdx
    )
    harmless = [found.span() for found in PLACES.finditer(text)]
    words = (
        found
        for found in WORD.finditer(text)
        if not any(start < found.end() and found.start() < end for start, end in harmless)
    )
    return [found.span() for found in dropwhile(lambda found: found[0].lower() in title, words)]


@pytest.mark.parametrize("spdx", sorted(TEXTS))
def test_its_own_text_is_recognised(spdx: str) -> None:
    assert recognise(TEXTS[spdx]) == spdx


@pytest.mark.parametrize("spdx", sorted(KNOWN))
def test_the_text_of_every_licence_we_can_name(spdx: str) -> None:
    """SPDX prints the GPL behind the LGPL 3, which is what its text says."""
    _, text = bundled_texts()[spdx]
    both = "GPL-3.0-only AND LGPL-3.0-only"
    assert recognise(text) == (both if spdx == "LGPL-3.0-only" else spdx)
    assert recognise(text[: len(text) * 2 // 3]) is None  # cut off
    assert recognise(text + "\n\nHosting it for others is not allowed.\n") is None


@pytest.mark.parametrize("spdx", ["BUSL-1.1", "CC-BY-NC-4.0", "GPL-3.0-only", "JSON", "SSPL-1.0"])
def test_a_licence_that_limits_is_never_one_that_does_not(spdx: str) -> None:
    _, text = bundled_texts()[spdx]
    for free in ("MIT", "Apache-2.0"):
        found = recognise(f"{TEXTS[free]}\n\n{text}")
        assert found is None or spdx in found.split(" AND ")
        assert recognise(f"{free} License\n\n{text}") in (None, spdx)


@given(st.sampled_from(FREE), st.data())
def test_a_limiting_word_anywhere_is_unknown(spdx: str, data: st.DataObject) -> None:
    """Also inside the copyright line, and where the licence names somebody."""
    text = TEXTS[spdx]
    starts = [found.start() for found in WORD.finditer(text)]
    at = data.draw(st.sampled_from(starts))
    word = data.draw(LIMITS)
    found = recognise(f"{text[:at]}{word} {text[at:]}")
    assert found is None or found not in PERMISSIVE


@given(st.sampled_from(FREE), st.data())
def test_a_word_less_or_another_word_is_unknown(spdx: str, data: st.DataObject) -> None:
    text = body(spdx)
    assume(recognise(text) == spdx)
    start, end = data.draw(st.sampled_from(content_words(spdx, text)))
    other = data.draw(st.one_of(st.just(""), LIMITS, st.text("abcdefghij", min_size=2)))
    assume(other.lower() != text[start:end].lower())
    found = recognise(text[:start] + other + text[end:])
    assert found is None or found not in PERMISSIVE


@given(
    st.sampled_from(FREE),
    st.sampled_from(["", "# ", "// ", " * ", ";; ", "> ", "-- ", "| "]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(40, 140),
    st.booleans(),
)
def test_layout_does_not_matter(spdx: str, leader: str, end: str, width: int, loud: bool) -> None:
    paragraphs = re.split(
        r"\n(?=\n|\s*Copyright|Developed)", TEXTS[spdx]
    )  # a notice has a line of its own
    wrapped = [
        textwrap.fill(" ".join(one.split()), width, break_long_words=False, break_on_hyphens=False)
        for one in paragraphs
    ]
    text = "\n".join(wrapped)
    text = text.upper() if loud else text
    text = re.sub(r"(?m)^\s*(?:\d\.|\*)(?= )", "(a)", text)
    laid = end.join(leader + line for line in text.split("\n"))
    assert recognise(laid) == spdx


@pytest.mark.parametrize(
    "line",
    [
        "Copyright (c) 2010 by Armin Ronacher and contributors.  See AUTHORS\nfor more details.",
        "Copyright © 2014 by the Pallets team.\n\nSome rights reserved.",
        "# Copyright (c) 2014-present Matt Zabriskie & Collaborators",
        "Copyright (c) 2004-2018 The Regents of the University of California",
        "Copyright (c) Facebook, Inc. and its affiliates.",
        "Copyright aio-libs contributors.",
        "Copyright 2014-2019 Grant Jenks",
        "copyright (c) 2013 substack",
        "Copyright (c) 2012 Ada <ada@example.org> (https://example.org/ada)\nCopyright (c) 2013 B. C.",
        "Copyright &copy; 2012, Ada,\n              2014, Grace and\n   the Example Institute for Testing",
        "Copyright © 2019, [Example Ltd](https://www.example.org/).\nAll rights reserved.",
        "Copyright (c) 2008-present The example developers (see AUTHORS.txt file)",
        "Copyright (c) Ada Example <ada@example.org> (ada-writes.example.org/work)",
    ],
)
def test_notices_of_the_wild(line: str) -> None:
    assert recognise(f"{line}\n\n{terms('BSD-3-Clause')}") == "BSD-3-Clause"


@pytest.mark.parametrize(
    "line",
    [
        "Copyright (c) 2020 Ada. Not for commercial use.",
        "Copyright (c) 2020 Ada (non-commercial use only)",
        "Copyright (c) 2020 Ada. No Military Use",
        "Copyright (c) 2020 Ada. FREE FOR STUDENTS",
        "Copyright (c) 2020 Ada and everybody who likes cats and wants to keep them",
        "Copyright (c) 2020 Ada <https://example.org/not-for-sale>",
        "Copyright (c) 2020 Ada (not.for.sale)",
        "Copyright (c) 2020 Ada (asks.you.to) stay away from cats",
        "Copyright (c) 2020 Ada 禁止商业用途",
        "Copyright (c) 2020 Ada, see LICENSE-COMMERCIAL",
        "Copyright (c) 2020 Ada and\nnobody may sell this",
        "Copyright (c) 2020 Ada ~~and others~~",
    ],
)
def test_a_restriction_in_a_copyright_line_is_no_name(line: str) -> None:
    assert recognise(f"{line}\n\n{terms('MIT')}") is None


def terms(spdx: str) -> str:
    """The text from its first sentence on."""
    return TEXTS[spdx][re.search("Permission is|Redistribution and", TEXTS[spdx]).start() :]  # type: ignore[union-attr]


def test_wordings_that_mean_the_same() -> None:
    text = TEXTS["BSD-3-Clause"]
    third = re.compile(r"Neither the name of.*?contributors\s+may", re.DOTALL)
    for wording in (
        "Neither the name of Ada Inc nor the names of its contributors may",
        "Neither the name Example nor the names of its contributors may",
        "The names of the contributors may not",
    ):
        changed = third.sub(wording, text)
        assert changed != text
        assert recognise(changed) == "BSD-3-Clause"
    for wording in (
        "Neither the name of anybody who sells this nor the names of its contributors may",
        "Neither the name of Ada nor commercial contributors may",
        "The names of the contributors may",
    ):
        assert recognise(third.sub(wording, text)) is None
    assert recognise(text.replace("endorse or promote", "promote")) is None
    assert recognise(text.replace("copyright holder", "copyright owner")) == "BSD-3-Clause"


def test_where_a_part_comes_from() -> None:
    """A sentence of pallets/click's licence: four names, a file, nothing else."""
    sentence = (
        "Ada uses parts of tool written by Grace H. and maintained by the Example Foundation."
        " This is limited to code in {}parser.py.\n\nCopyright (c) 2001 Grace H. All rights reserved."
    )
    text = TEXTS["BSD-3-Clause"]
    assert recognise(f"{text}\n----\n\n{sentence.format('')}") == "BSD-3-Clause"
    assert recognise(f"{text}\n----\n\n{sentence.format('commercial ')}") is None


def test_apache_with_or_without_its_how_to_and_as_a_notice() -> None:
    whole = TEXTS["Apache-2.0"]
    upto, end, how_to = whole.partition("END OF TERMS AND CONDITIONS")
    assert recognise(upto + end) == "Apache-2.0"
    assert recognise(whole.replace("[yyyy] [name of copyright owner]", "2020 Ada")) == "Apache-2.0"
    notice = how_to[how_to.index("Licensed under") :]
    assert recognise(f"Copyright 2019 Ada\n\n{notice}") == "Apache-2.0"
    assert recognise(how_to) is None or "Apache" in str(recognise(notice))
    assert recognise(how_to[: how_to.index("Licensed under")]) is None  # advice grants nothing
    assert recognise(upto + end + "\n\nNot for commercial use.") is None
    assert recognise(f"{notice}\n\n10. You may not host it for others.") is None


@pytest.mark.parametrize(
    "addition",
    [
        "The Software shall be used for Good, not Evil.",
        "The Software may not be sold.",
        "non commercial",
        "// Not for military use.",
        "<!-- internal use only -->",
        "Commons Clause License Condition v1.0",
        "不得用于商业用途",
        "https://creativecommons.org/licenses/by-nc/4.0/",
        "[license]: https://example.org/eula",
        "See LICENSE-ENTERPRISE for the ee folder.",
        "Only for users of Example.",
        "&not; for sale",
    ],
)
@pytest.mark.parametrize("spdx", ["MIT", "BSD-3-Clause", "Apache-2.0"])
def test_an_added_restriction_is_unknown(spdx: str, addition: str) -> None:
    assert recognise(TEXTS[spdx]) == spdx
    assert recognise(f"{TEXTS[spdx]}\n{addition}\n") is None
    assert recognise(f"{addition}\n{TEXTS[spdx]}") is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("MIT License", "MIT"),
        ("# The MIT License (MIT)", "MIT"),
        ("Expat/MIT license\n=================", "MIT"),
        ("SPDX-License-Identifier: MIT", "MIT"),
        ("This software is released under the MIT license:", "MIT"),
        ("BSD License", None),  # a title that names another licence
        ("MIT License and GPL", None),
        ("MIT License for students", None),
        ("MIT License with Commons Clause", None),
        ("Example Enterprise License", None),
    ],
)
def test_a_title_names_the_licence_or_counts_as_text(title: str, expected: str | None) -> None:
    assert recognise(f"{title}\n\nCopyright (c) 2020 Ada\n\n{terms('MIT')}") == expected


def test_several_texts_in_one_file_are_joined() -> None:
    assert recognise(f"{TEXTS['MIT']}\n\n{TEXTS['Apache-2.0']}") == "Apache-2.0 AND MIT"
    assert recognise(f"{TEXTS['MIT']}\n\n{TEXTS['GPL-2.0-only']}") == "GPL-2.0-only AND MIT"


def test_texts_that_are_no_licence() -> None:
    assert recognise("") is None
    assert recognise("See LICENSE.md") is None
    assert recognise("MIT") is None  # a name grants nothing by itself
    assert recognise("Copyright (c) 2020 Ada") is None
    assert recognise(TEXTS["MIT"] + " " * MAX_BYTES + "Not for sale.") is None  # unread words


def test_bytes_in_latin_1_and_with_a_mark() -> None:
    text = TEXTS["MIT"].replace("[fullname]", "José")
    assert recognise_blob(text.encode("latin-1")) == "MIT"
    assert recognise_blob(text.encode("utf-8-sig")) == "MIT"
    assert recognise_blob(text.encode("utf-16")) is None


def test_installed_packages_are_never_misnamed() -> None:
    """What distributions declare is the truth here; unknown is allowed, another name is not."""
    checked = 0
    for distribution in distributions():
        declared = (distribution.metadata.get_all("License-Expression") or [""])[0]
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if declared not in TEXTS or "vendor" in str(file):
                continue
            in_root = len(file.parts) <= 3 and file.parts[0].endswith(".dist-info")
            if in_root and is_licence_name(path.name) and path.is_file():
                found = recognise_blob(path.read_bytes())
                assert found in (declared, None), path.name
                checked += found == declared
    assert checked >= 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LICENSE", True), ("LICENCE.txt", True), ("LICENSE-MIT", True), ("COPYING", True),
        ("COPYING.LESSER", True), ("UNLICENSE", True), ("MIT-LICENSE.txt", True), ("PATENTS", True),
        ("license.py", False), ("licenses", False), ("README", False), ("NOTICE", False),
        ("LICENSE_CHECK.sh", False), ("copyright.js", False),
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


NOTE = "Licensed under either of Apache License, Version 2.0 (LICENSE-APACHE) or MIT license (LICENSE-MIT) at your option."


@pytest.mark.parametrize(
    "note",
    [
        NOTE,
        "MIT or Apache-2.0, see LICENSE-MIT and LICENSE-APACHE",
        "This project is dual-licensed under the MIT and Apache 2.0 licenses. You may use this code under the terms of either license.",
        "This software is made available under the terms of *either* of the licenses found in LICENSE.APACHE2 or LICENSE.MIT."
        " Contributions to example are made under the terms of *both* these licenses.",
    ],
)  # fmt: skip
def test_a_note_lets_choose(note: str) -> None:
    assert recognise(note) == "Apache-2.0 OR MIT"


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("at your option", "at our option"),
        NOTE + " Hosting is not allowed.",
        "MIT, see LICENSE-MIT",
        "MIT and Apache-2.0",
        "MIT or Apache-2.0, for personal use",
        "MIT or GPL, see LICENSE-MIT and LICENSE-APACHE",
    ],
)
def test_what_is_no_such_note(note: str) -> None:
    assert recognise(note) is None


def test_a_note_counts_beside_the_texts_it_names() -> None:
    def together(*expressions: str | None) -> str | None:
        files = [
            LicenceFile(path=str(n), blob_sha="", spdx=one) for n, one in enumerate(expressions)
        ]
        evidence = evidence_of(files, "c1")
        assert evidence is not None
        return evidence.spdx

    note = "Apache-2.0 OR MIT"
    assert together(note, "MIT", "Apache-2.0") == note
    assert together(note, "MIT", "Apache-2.0", "Zlib") == "(Apache-2.0 OR MIT) AND Zlib"
    assert together(note, "MIT") is None  # the other text is not there
    assert together(note, "MIT", "Apache-2.0", None) is None
    assert together("Apache-2.0 AND MIT", "Zlib") == "Apache-2.0 AND MIT AND Zlib"
