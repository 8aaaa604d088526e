"""Root folders: walked entry by entry, whatever their ids hold, and read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identify.vendor.licenses import LICENSES

from pullsmith.collect.opening import open_clone
from pullsmith.collect.roots import Entry, named_entries, read_roots
from tests.collect.reading import LIMITS, collected
from tests.collect.repositories import FORGE, Teller, git

MIT = dict(LICENSES)["MIT"].encode()
NAMES = st.sampled_from(
    [b"LICENSE", b"a", b"src", b"Copying.txt", b".gitattributes", b".gitattributes2",
     b"x 100644 LICENSE", b"MIT-LICENSE", b"zlicense", b"PATENTS", b"40000 LICENSES"]
)  # fmt: skip
IDS = st.one_of(
    st.binary(min_size=20, max_size=20),
    st.sampled_from([b"100644 LICENSE\0abcde", b"\0" * 20, b"\n" * 20, b"x\n100644 COPYING\0ab"]),
).map(lambda raw: raw.ljust(20, b"z")[:20])
MODES = st.sampled_from([b"100644", b"100755", b"40000", b"160000", b"120000"])
INTERESTING = {b"LICENSE", b"Copying.txt", b".gitattributes", b"MIT-LICENSE", b"PATENTS"}


@given(st.lists(st.tuples(MODES, NAMES, IDS)))
def test_entries_are_those_of_a_slow_walk(entries: list[Entry]) -> None:
    """Also where an id, which a submodule's may be made to, looks like an entry."""
    tree = b"".join(mode + b" " + name + b"\0" + raw for mode, name, raw in entries)
    assert named_entries(tree, 20) == [one for one in entries if one[1] in INTERESTING]


def test_a_damaged_tree_has_none() -> None:
    tree = b"100644 LICENSE\0" + b"i" * 20
    assert len(named_entries(tree, 20)) == 1
    assert named_entries(tree + b"100644 b", 20) == []
    assert named_entries(tree[:-1], 20) == []
    assert named_entries(b"", 20) == []
    assert len(named_entries(b"100644 LICENSE\0" + b"i" * 32, 32)) == 1


@pytest.mark.parametrize(
    ("files", "spdx"),
    [
        ({"LICENSE": MIT}, "MIT"),
        ({"MIT-LICENSE": MIT}, "MIT"),
        ({"src/LICENSE": MIT}, None),
        ({"LICENSES/MIT.txt": MIT}, "MIT"),
        ({"LICENSES/MIT.txt": MIT, "LICENSES/more/x": MIT}, None),
        ({"LICENSES/MIT.txt": MIT, "LICENSE": b"Mine.\n"}, None),
        ({"LICENSE": MIT + b"\nNot for sale.\n"}, None),
    ],
)
def test_what_files_say(tmp_path: Path, files: dict[str, bytes], spdx: str | None) -> None:
    teller = Teller()
    main = teller.commit("Start", {"a.py": b"0\n"})
    for path, content in files.items():
        main = teller.commit(path, {path: content}, main)
    teller.make(tmp_path / "r.git")
    with open_clone(tmp_path / "r.git") as clone:
        root = read_roots(clone, [clone.head])[clone.head]
    if set(files) == {"src/LICENSE"}:
        assert root.licence is None
        return
    assert root.licence is not None
    assert root.licence.spdx == spdx
    assert root.licence.found_at == clone.head.decode()
    blobs = {one.path: one.blob_sha for one in root.licence.files}
    for path in files:
        if path in blobs:
            assert (
                blobs[path] == git(tmp_path / "r.git", "rev-parse", f"main:{path}").decode().strip()
            )


def test_attributes_flag_files_and_run_nothing(tmp_path: Path) -> None:
    teller = Teller()
    given_ = b"*.txt linguist-generated filter=evil\nlib/** linguist-vendored\nb_pb2.py -linguist-generated\n"
    main = teller.commit("Start", {".gitattributes": given_, "a.py": b"0\n"})
    changed: dict[str | bytes, bytes | tuple[bytes, bytes] | None]
    changed = {"x.txt": b"1\n", "lib/c.py": b"1\n", "b_pb2.py": b"1\n", "a.py": b"1\n"}
    main = teller.commit("Change (#1)", changed, main, committer=FORGE)
    main = teller.commit("Without (#2)", {".gitattributes": None}, main, committer=FORGE)
    teller.commit("After (#3)", {"x.txt": b"2\n", "b_pb2.py": b"2\n"}, main, committer=FORGE)
    teller.make(tmp_path / "r.git")
    found = {one.number: one for one in collected(tmp_path / "r.git", LIMITS).pull_requests}
    flags = {number: {file.path: file.flags for file in one.files} for number, one in found.items()}
    assert flags[1] == {
        "a.py": (), "b_pb2.py": (), "lib/c.py": ("vendored",), "x.txt": ("generated",)
    }  # fmt: skip
    assert flags[3] == {"b_pb2.py": ("generated",), "x.txt": ()}
