from __future__ import annotations

import hashlib
from pathlib import Path

from pullsmith.collect.planted.licence import interpreter_licence

TEXT = b"A. HISTORY\n\nPYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\n--------\n"


def test_the_licence_file_is_the_evidence(tmp_path: Path) -> None:
    (tmp_path / "LICENSE.txt").write_bytes(TEXT)
    evidence = interpreter_licence(tmp_path)
    assert (evidence.spdx, evidence.path) == ("PSF-2.0", "LICENSE.txt")
    assert evidence.text_digest == hashlib.sha256(TEXT).hexdigest()[:16]
    assert "Python" in evidence.found_at


def test_an_unknown_text_has_no_id_but_is_kept_as_evidence(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_bytes(b"All rights reserved. \xff")
    evidence = interpreter_licence(tmp_path)
    assert evidence.spdx is None
    assert evidence.path == "LICENSE"
    assert evidence.text_digest


def test_no_file_no_licence(tmp_path: Path) -> None:
    folder = tmp_path / "lib" / "python"
    folder.mkdir(parents=True)
    evidence = interpreter_licence(folder)
    assert (evidence.spdx, evidence.path, evidence.text_digest) == (None, "", "")
