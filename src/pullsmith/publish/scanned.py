"""The last look for secrets, at whatever is handed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pullsmith.errors import SecretError
from pullsmith.redact import scan_text

_NUMBERED = re.compile(r"^L?\d+ ?[+-]", re.MULTILINE)


def holds_secret(texts: Iterable[str]) -> bool:
    """Whether the rules find anything; a text that cannot be scanned counts as if they did."""
    try:
        return any(scan_text(_unnumbered(text)) for text in texts)
    except SecretError:
        return True


def texts_in(value: object) -> Iterator[str]:
    """Every text in what a record's ``model_dump`` gives."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)


def _unnumbered(text: str) -> str:
    """Without line numbers and signs: "L90+@pytest.fixture" must not look like an address."""
    return _NUMBERED.sub(" ", text)
