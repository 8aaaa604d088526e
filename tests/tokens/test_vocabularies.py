"""Counters with a vocabulary: real counts, no special tokens, no downloads, hostile text."""

from __future__ import annotations

import base64
import socket
import statistics
import sys
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
import tiktoken
import tiktoken.load
import tiktoken.registry
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from pullsmith.corpus import build_corpus
from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.tokens import MARGIN, count_tokens, find_counter
from pullsmith.tokens.vocabularies import PIECE_CHARACTERS, of_folder, of_hub, of_tiktoken, tekken
from tests.collect.reading import collected

PLACE = "https://nowhere.test/tiny.tiktoken"
SPECIAL = "<|im_start|>system<s>[INST]"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("counting went to the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


# --- tekken --------------------------------------------------------------------------------------


def test_tekken_counts_as_its_vocabulary_does() -> None:
    count = find_counter("tekken")
    assert count("") == 0
    assert count("return value") == 2
    assert count("1234") == 4  # digits one by one
    assert count("        x") == 2  # seven blanks; the last goes with the letter
    assert count(SPECIAL) > 12


@given(st.text(max_size=200))
def test_tekken_counts_at_most_a_token_a_byte(text: str) -> None:
    encoded = text.encode("utf-8", "surrogatepass")
    assert bool(text) <= find_counter("tekken")(text) <= len(encoded)


@pytest.mark.parametrize("character", [" ", "\t", "a", "\n", "^", "日"])
def test_a_text_of_one_character_overflows_nothing(character: str) -> None:
    """Of a million blanks the library's regular expressions panic."""
    assert 0 < find_counter("tekken")(character * 1_000_000) <= 1_000_000


def test_a_cut_costs_a_token_at_most() -> None:
    count = find_counter("tekken")
    text = "x = call(value)\n" * (2 * PIECE_CHARACTERS // 16)
    pieces = [text[at : at + PIECE_CHARACTERS] for at in range(0, len(text), PIECE_CHARACTERS)]
    assert count(text) == sum(map(count, pieces))
    assert abs(count(text) - count(text[:1600]) * len(text) // 1600) <= len(pieces)


def test_the_estimate_is_near_a_true_count(tmp_path: Path) -> None:
    """File by file nearly always within the margin that a budget allows, together well within it."""
    repository = build_corpus(tmp_path, seed=2, changes=90)
    records = collected(repository).pull_requests
    patches = [file.patch for one in records for file in one.files if len(file.patch) > 400]
    assert len(patches) > 80
    count = find_counter("tekken")
    ratios = [count(patch) / count_tokens(patch) for patch in patches]
    assert 0.8 < statistics.median(ratios) < MARGIN
    assert sum(ratio < MARGIN for ratio in ratios) > 0.9 * len(ratios)
    assert sum(map(count, patches)) / sum(map(count_tokens, patches)) < MARGIN


def test_a_missing_extra_is_said_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    for find in (tekken, lambda: of_tiktoken("gpt2")):
        with pytest.raises(MissingExtraError, match=r"needs tiktoken.*'pullsmith\[tokens\]'"):
            find()
    monkeypatch.undo()
    monkeypatch.setattr("pullsmith.tokens.vocabularies.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"needs mistral_common.*'pullsmith\[tokens\]'"):
        tekken()


# --- tiktoken ------------------------------------------------------------------------------------


def _tiny() -> dict[str, Any]:
    """As tiktoken's own encodings are built: out of the cache, else out of the network."""
    return {
        "name": "tiny",
        "pat_str": r"\w+|\W",
        "mergeable_ranks": tiktoken.load.load_tiktoken_bpe(PLACE),
        "special_tokens": {"<s>": 300},
    }


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """tiktoken's cache, and an encoding "tiny" that is not in it yet."""
    tiktoken.list_encoding_names()
    constructors = tiktoken.registry.ENCODING_CONSTRUCTORS
    assert constructors is not None
    monkeypatch.setitem(constructors, "tiny", _tiny)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    yield tmp_path
    tiktoken.registry.ENCODINGS.pop("tiny", None)


def _fill(cache: Path) -> None:
    entries = [*(bytes([byte]) for byte in range(256)), b"ab"]
    lines = [b"%s %d\n" % (base64.b64encode(entry), rank) for rank, entry in enumerate(entries)]
    (cache / sha1(PLACE.encode()).hexdigest()).write_bytes(b"".join(lines))


def test_a_vocabulary_in_tiktokens_cache_is_used(tiny: Path) -> None:
    _fill(tiny)
    count = of_tiktoken("tiny")
    assert count("abc ab") == 4  # ab c, the blank, ab
    assert count("<s>") == 3  # text, not the special token


@pytest.mark.parametrize("cache", [None, "", "here"])
def test_one_that_is_not_there_is_an_error_and_no_download(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, cache: str | None
) -> None:
    if cache is None:
        monkeypatch.delenv("TIKTOKEN_CACHE_DIR")
    else:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", cache and str(tiny))
    original = tiktoken.load.read_file
    said = str(tiny) if cache else "TIKTOKEN_CACHE_DIR is not set"
    with pytest.raises(StudyError, match=r"tiktoken:tiny is not in tiktoken's cache") as refused:
        of_tiktoken("tiny")
    assert said in str(refused.value)
    assert tiktoken.load.read_file is original
    assert list(tiny.iterdir()) == []


def test_an_encoding_that_tiktoken_does_not_know_is_refused_with_the_nearest() -> None:
    with pytest.raises(StudyError, match="did you mean 'tiktoken:cl100k_base'"):
        find_counter("tiktoken:cl100k")
    with pytest.raises(StudyError, match=r"known: .*o200k_base"):
        find_counter("tiktoken:???")


# --- Hugging Face --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tokenizer that cuts, pads, and has a special token."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        special_tokens=["<|im_start|>"], vocab_size=300, show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    made.train_from_iterator(["return value\n"] * 9, trainer)
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="<|im_start|> $A", special_tokens=[("<|im_start|>", 0)]
    )
    made.enable_truncation(3)
    made.enable_padding(length=8)
    path = tmp_path_factory.mktemp("model")
    made.save(str(path / "tokenizer.json"))
    return path


def test_a_folders_tokenizer_counts_all_and_adds_nothing(folder: Path) -> None:
    count = find_counter(str(folder))
    assert count("") == 0
    assert count("return value") == 2
    assert count("return value" * 10) > 10
    assert count("<|im_start|>") == 12  # letter by letter: it is text
    assert count(" " * 1_000_000) > 0


def test_a_hub_tokenizer_is_read_out_of_the_cache_only(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(StudyError, match="hf:ada/tool is not in the hub's cache"):
        of_hub("ada/tool")
    model = tmp_path / "models--ada--tool"
    for name in ("refs", "snapshots/abc"):
        (model / name).mkdir(parents=True)
    (model / "refs" / "main").write_text("abc")
    (model / "snapshots" / "abc" / "tokenizer.json").write_bytes(
        (folder / "tokenizer.json").read_bytes()
    )
    assert of_hub("ada/tool")("return value") == 2


def test_a_folder_without_a_tokenizer_or_with_a_broken_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"holds no tokenizer\.json"):
        of_folder(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(StudyError, match=r"tokenizer\.json is no tokenizer"):
        of_folder(tmp_path)
