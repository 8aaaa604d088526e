"""The counters by name, read strictly.

estimate         no vocabulary: the same on every machine
tekken           131,000 entries, inside the package mistral-common
tiktoken:NAME    a vocabulary in tiktoken's own cache
hf:ORG/NAME      the tokenizer of a model in the hub's cache
./FOLDER         the tokenizer of a model's folder

Nothing is ever downloaded to count.
"""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from pullsmith.errors import StudyError
from pullsmith.tokens.estimate import Counter, count_tokens
from pullsmith.tokens.vocabularies import of_folder, of_hub, of_tiktoken, tekken

_FORMS = ("estimate", "tekken", "tiktoken:", "hf:")


@cache
def find_counter(name: str) -> Counter:
    """The counter of that name; a vocabulary is read once a process, and takes about a second.

    Text that looks like a special token is counted as the plain text it is. Raises StudyError for
    an unknown name, naming the nearest, and for a vocabulary that is not on this machine;
    MissingExtraError without the extra [tokens].
    """
    if name == "estimate":
        return count_tokens
    prefix, _, rest = name.partition(":")
    if name == "tekken":
        return tekken()
    if prefix == "tiktoken" and rest:
        return of_tiktoken(rest)
    if prefix == "hf" and rest:
        return of_hub(rest)
    if name.startswith(("./", "../", "/", "~/")):
        return of_folder(Path(name).expanduser())
    raise StudyError(f"unknown token counter {name!r}: {_hint(name)}")


def _hint(name: str) -> str:
    near = difflib.get_close_matches(name, _FORMS, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return "known: estimate, tekken, tiktoken:NAME, hf:ORG/NAME, ./FOLDER"
