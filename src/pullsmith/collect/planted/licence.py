"""The licence of the running interpreter's standard library, from its own licence file.

Takes the folder of the library; gives LicenceEvidence. Fail-closed: a file that is absent, or that
does not hold the text it should, has no SPDX id.
"""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

from pullsmith.records import LicenceEvidence

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
            return LicenceEvidence(
                spdx="PSF-2.0" if known else None,
                path=path.name,
                text_digest=hashlib.sha256(content).hexdigest()[:16],
                found_at=found_at,
            )
    return LicenceEvidence(spdx=None, path="", text_digest="", found_at=found_at)
