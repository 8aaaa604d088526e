"""Counters that have a vocabulary, each found on this machine and never fetched.

Takes a name or a folder, gives a Counter. Imports the libraries of the extra [tokens] when one is
asked for. Refuses to know studies.
"""

from __future__ import annotations

import base64
import difflib
import json
import os
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.tokens.estimate import Counter

if TYPE_CHECKING:
    from types import ModuleType

# A run of blanks of some 600,000 characters overflows the stack of tiktoken's regular expressions,
# and the panic is no Exception. A cut costs a token at most.
PIECE_CHARACTERS = 100_000
_TEKKEN = "tekken_240911.json"


def tekken() -> Counter:
    """Byte pairs of many languages and of code; the file comes with the package mistral-common."""
    tiktoken = _library("tiktoken")
    content = json.loads(_tekken_file().read_bytes())
    settings = content["config"]
    # The file has more entries than the model that it belongs to uses.
    count = settings["default_vocab_size"] - settings["default_num_special_tokens"]
    encoding = tiktoken.Encoding(
        name="tekken",
        pat_str=settings["pattern"],
        mergeable_ranks={
            base64.b64decode(entry["token_bytes"]): entry["rank"]
            for entry in content["vocab"][:count]
        },
        special_tokens={},
    )
    return _counter(encoding.encode_ordinary)


def _tekken_file() -> Path:
    spec = find_spec("mistral_common")  # importing it would import much else
    if spec is None or not spec.submodule_search_locations:
        raise _missing("mistral_common", "not installed")
    path = Path(spec.submodule_search_locations[0], "data", _TEKKEN)
    if not path.is_file():
        raise StudyError(f"render.tokens: {path} is not there; install mistral-common>=1.9,<2")
    return path


def of_tiktoken(name: str) -> Counter:
    """One of tiktoken's encodings, out of its cache.

    By itself tiktoken downloads whatever is not in the folder TIKTOKEN_CACHE_DIR (without that
    variable: in one under the system's temporary folder), and it deletes what is damaged there.
    Here the download is refused: StudyError says how the user gets the file. Raises StudyError for
    an encoding it does not know as well.
    """
    tiktoken = _library("tiktoken")
    known = tiktoken.list_encoding_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean 'tiktoken:{near[0]}'?" if near else f"known: {', '.join(known)}"
        raise StudyError(f"unknown token counter 'tiktoken:{name}': {hint}")
    with _downloads_refused(name):
        return _counter(tiktoken.get_encoding(name).encode_ordinary)


@contextmanager
def _downloads_refused(name: str) -> Iterator[None]:
    """Inside the block tiktoken reads files and nothing else."""
    load = vars(_library("tiktoken.load"))
    original = load["read_file"]

    def read_file(place: str) -> bytes:
        if "://" not in place:
            return bytes(original(place))
        folder = os.environ.get("TIKTOKEN_CACHE_DIR") or "TIKTOKEN_CACHE_DIR is not set"
        raise StudyError(
            f"render.tokens: the vocabulary of tiktoken:{name} is not in tiktoken's cache "
            f"({folder}), and counting downloads nothing; get it once with TIKTOKEN_CACHE_DIR=FOLDER "
            f"python -c 'import tiktoken; tiktoken.get_encoding(\"{name}\")', or write tekken"
        )

    load["read_file"] = read_file
    try:
        yield
    finally:
        load["read_file"] = original


def of_hub(name: str) -> Counter:
    """The tokenizer of a hub's model, out of the hub's cache; StudyError where it is not there."""
    found = _library("huggingface_hub").try_to_load_from_cache(name, "tokenizer.json")
    if not isinstance(found, str):
        raise StudyError(
            f"render.tokens: hf:{name} is not in the hub's cache, and counting downloads nothing; "
            f"get it once with hf download {name} tokenizer.json"
        )
    return _of_file(Path(found))


def of_folder(folder: Path) -> Counter:
    """The tokenizer of a model's folder; StudyError where it has none."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise StudyError(f"render.tokens: {folder} holds no tokenizer.json")
    return _of_file(path)


def _of_file(path: Path) -> Counter:
    try:
        tokenizer = _library("tokenizers").Tokenizer.from_file(str(path))
    except MissingExtraError:
        raise
    except Exception as error:  # the library raises no narrower one
        raise StudyError(f"render.tokens: {path} is no tokenizer: {error}") from error
    tokenizer.encode_special_tokens = True  # as text, whatever a pull request says
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return _counter(lambda text: tokenizer.encode(text, add_special_tokens=False))


def _counter(encode: Callable[[str], Sized]) -> Counter:
    """Counts what ``encode`` gives, of long texts piece by piece."""

    def count(text: str) -> int:
        starts = range(0, len(text), PIECE_CHARACTERS)
        return sum(len(encode(text[at : at + PIECE_CHARACTERS])) for at in starts)

    return count


def _library(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise _missing(module, str(error)) from error


def _missing(module: str, why: str) -> MissingExtraError:
    return MissingExtraError(
        f"render.tokens: this counter needs {module}, which cannot be imported ({why}): "
        "pip install 'pullsmith[tokens]'"
    )
