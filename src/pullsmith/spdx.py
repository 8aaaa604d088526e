"""The licences pullsmith can name, which of them are permissive, and what an expression allows.

Takes SPDX ids and the expressions that collect records, gives yes or no. Refuses to know texts:
collect recognises those.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

# Closed on purpose. Each of these asks of whoever copies, changes or sells the code no more than to
# keep notices, not to borrow names and not to sue. Left out: any duty to publish source or to use
# the same licence (GPL, LGPL, MPL, EPL, CDDL, MS-PL, OSL, CC-*-SA), advertising (BSD-4-Clause,
# Apache-1.1), renaming (Artistic, PHP, OFL), limits on the field of use (JSON, CC-*-NC, BUSL, SSPL,
# Elastic, PolyForm), and the withholding of patents (BSD-3-Clause-Clear, CC-BY).
PERMISSIVE = frozenset({
    "0BSD", "Apache-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-3-Clause",
    "BSL-1.0", "BlueOak-1.0.0", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "MulanPSL-2.0",
    "NCSA", "PSF-2.0", "PostgreSQL", "Python-2.0", "UPL-1.0", "Unicode-3.0", "Unlicense", "WTFPL",
    "X11", "Zlib", "curl", "libpng-2.0",
})  # fmt: skip
# A text of the GPL family alone does not say "or later", so it is named "only", which grants less.
OTHER = frozenset({
    "AFL-3.0", "AGPL-3.0-only", "Apache-1.1", "Artistic-1.0", "Artistic-1.0-Perl", "Artistic-2.0",
    "BSD-3-Clause-Clear", "BSD-4-Clause", "BSD-4-Clause-UC", "BUSL-1.1", "CC-BY-3.0", "CC-BY-4.0",
    "CC-BY-NC-4.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0",
    "CC-BY-SA-4.0", "CDDL-1.0", "CDDL-1.1", "CECILL-2.1", "CPAL-1.0", "ECL-2.0", "EPL-1.0",
    "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "Elastic-2.0", "GFDL-1.3-only", "GPL-1.0-only",
    "GPL-2.0-only", "GPL-3.0-only", "JSON", "LGPL-2.0-only", "LGPL-2.1-only", "LGPL-3.0-only",
    "LPPL-1.3c", "MPL-1.1", "MPL-2.0", "MS-PL", "MS-RL", "ODbL-1.0", "OFL-1.1", "OSL-3.0",
    "PHP-3.01", "PolyForm-Noncommercial-1.0.0", "Ruby", "SSPL-1.0", "Sleepycat", "Vim", "ZPL-2.1",
})  # fmt: skip
KNOWN = PERMISSIVE | OTHER
_BY_LOWER = {spdx.lower(): spdx for spdx in KNOWN}
_TOKEN = re.compile(r"[()]|[^\s()]+")


def spelled(spdx: str) -> str:
    """The id as SPDX spells it, whatever its case.

    Raises ValueError, naming the nearest known one, where collect can never record it.
    """
    known = _BY_LOWER.get(spdx.strip().lower())
    if known is None:
        near = difflib.get_close_matches(spdx.lower(), _BY_LOWER, n=1, cutoff=0.5)
        hint = f"did you mean {_BY_LOWER[near[0]]!r}?" if near else "it is not among the known ones"
        raise ValueError(f"unknown licence {spdx!r}; {hint}")
    return known


def allows(expression: str | None, allowed: Collection[str]) -> bool:
    """Whether ``allowed`` covers an expression: every id that AND joins, one of those OR joins.

    No expression, and one that cannot be read, is not covered.
    """
    if expression is None:
        return False
    tokens = _TOKEN.findall(expression)[::-1]
    try:
        return _either(tokens, allowed) and not tokens
    except IndexError:  # it ends too early
        return False


def _either(tokens: list[str], allowed: Collection[str]) -> bool:
    """``tokens`` are in reverse, and used up from their end; AND binds tighter than OR."""
    verdict = _all(tokens, allowed)
    while tokens and tokens[-1] == "OR":
        tokens.pop()
        verdict = _all(tokens, allowed) or verdict
    return verdict


def _all(tokens: list[str], allowed: Collection[str]) -> bool:
    verdict = _one(tokens, allowed)
    while tokens and tokens[-1] == "AND":
        tokens.pop()
        verdict = _one(tokens, allowed) and verdict
    return verdict


def _one(tokens: list[str], allowed: Collection[str]) -> bool:
    token = tokens.pop()
    if token != "(":
        return token in allowed
    verdict = _either(tokens, allowed)
    return tokens.pop() == ")" and verdict
