"""The licence of the running interpreter's standard library, from its own licence file.

Takes the folder of the library; gives LicenceEvidence. Fail-closed: a file that is absent, or that
does not hold the text it should, has no SPDX id.
"""

from __future__ import annotations

import platform
from pathlib import Path

from pullsmith.collect.licence import blob_sha
from pullsmith.records import LicenceEvidence, LicenceFile

# Next to the library on most systems, beside it in some builds.
_PLACES = ("LICENSE.txt", "LICENSE", "../LICENSE.txt", "../LICENSE")
_HEADING = "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2"


def interpreter_licence(folder: Path) -> LicenceEvidence:
    """What the interpreter's licence file says; ``spdx`` is None unless it is recognised."""
    found_at = f"{platform.python_implementation()} {platform.python_version()}"
    for place in _PLACES:
        path = folder / place
        if path.is_file():
            content = path.read_bytes()
            known = _HEADING in content.decode("utf-8", "replace")
            spdx = "PSF-2.0" if known else None
            file = LicenceFile(path=path.name, blob_sha=blob_sha(content), spdx=spdx)
            return LicenceEvidence(spdx=spdx, files=(file,), found_at=found_at)
    return LicenceEvidence(spdx=None, files=(), found_at=found_at)
