from __future__ import annotations

from pathlib import Path

from pullsmith.collect.licence import blob_sha
from pullsmith.collect.planted.licence import interpreter_licence

TEXT = b"A. HISTORY\n\nPYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\n--------\n"


def test_the_licence_file_is_the_evidence(tmp_path: Path) -> None:
    (tmp_path / "LICENSE.txt").write_bytes(TEXT)
    evidence = interpreter_licence(tmp_path)
    assert evidence.spdx == "PSF-2.0"
    assert [(one.path, one.blob_sha) for one in evidence.files] == [("LICENSE.txt", blob_sha(TEXT))]
    assert "Python" in evidence.found_at


def test_an_unknown_text_has_no_id_but_is_kept_as_evidence(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_bytes(b"All rights reserved. \xff")
    evidence = interpreter_licence(tmp_path)
    assert evidence.spdx is None
    assert [(one.path, one.spdx) for one in evidence.files] == [("LICENSE", None)]


def test_no_file_no_licence(tmp_path: Path) -> None:
    folder = tmp_path / "lib" / "python"
    folder.mkdir(parents=True)
    evidence = interpreter_licence(folder)
    assert (evidence.spdx, evidence.files) == (None, ())
