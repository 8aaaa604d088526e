"""Runs of five tokens of added code as sets of numbers, and sketches of these sets.

Takes patches, gives for each pull request the sorted set of its runs, and RMinHash signatures.
Code keeps its letters' case, its digits and its punctuation; only blanks and line ends count for
nothing. A run is within one file. Knows neither records nor what is alike enough.

All is done on bytes, many patches at a time: a token is one letter-like run, or one sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from pullsmith.errors import MissingExtraError

RUN = 5  # tokens
BANDS, ROWS = 20, 6  # of J = .8 one pair in 450 shares no band, of .9 one in 3 million
PERMUTATIONS = BANDS * ROWS
ALGORITHM = 2  # rensa's: another one gives other signatures, which must not meet these
BATCH_BYTES = 1 << 20
Numbers = npt.NDArray[np.uint64]
Set = npt.NDArray[np.uint32]

_DRAW = np.random.Generator(np.random.PCG64(20261128))  # a fixed draw: sets are the same everywhere
_OF_BYTE: Numbers = _DRAW.integers(0, 1 << 64, 256, dtype=np.uint64)
_OF_PLACE: Numbers = _DRAW.integers(0, 1 << 64, 1024, dtype=np.uint64) | np.uint64(1)
_OF_TOKEN: Numbers = _DRAW.integers(0, 1 << 64, RUN, dtype=np.uint64) | np.uint64(1)
_OF_SIGN = np.uint64(0xC2B2AE3D27D4EB4F)
_BLANK, _LETTER, _SIGN = 0, 1, 2


def _classes() -> npt.NDArray[np.uint8]:
    """What each byte is: beyond ASCII all is a letter, because most of it is in words."""
    found = np.full(256, _SIGN, dtype=np.uint8)
    found[[*range(33), 127]] = _BLANK
    letters = [byte for byte in range(128) if chr(byte).isalnum() or chr(byte) == "_"]
    found[[*letters, *range(128, 256)]] = _LETTER
    return found


_CLASS = _classes()


def run_sets(patches: Sequence[Sequence[str]]) -> list[Set]:
    """For each pull request, given as the patches of its files, the sorted set of its runs.

    Of a file without added lines the deleted ones count, as other runs than added ones. Fewer than
    five tokens make one run.
    """
    made: list[Set] = []
    for some in _batches(patches):
        made += _sets(some)
    return made


def signatures(sets: Sequence[Set]) -> npt.NDArray[np.uint32]:
    """A row of PERMUTATIONS numbers each; the share two rows have in common estimates Jaccard."""
    if RMinHash.ALGORITHM_VERSION != ALGORITHM:
        raise MissingExtraError(
            f"rensa's signatures are of version {RMinHash.ALGORITHM_VERSION}, not {ALGORITHM}: "
            "pip install 'rensa>=0.5,<0.6'"
        )
    if not sets:
        return np.empty((0, PERMUTATIONS), dtype=np.uint32)
    ends = np.cumsum([0, *(len(one) for one in sets)]).astype(np.uint64)
    flat = _mixed(np.concatenate(sets).astype(np.uint64))
    rows = RMinHash.digest_matrix_from_flat_token_hashes(flat, ends, PERMUTATIONS, 1).to_rows()
    return np.array(rows, dtype=np.uint32)


def _batches(patches: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    some, size = list[Sequence[str]](), 0
    for files in patches:
        some.append(files)
        size += sum(map(len, files))
        if size > BATCH_BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some


def _sets(patches: Sequence[Sequence[str]]) -> list[Set]:
    owners = [number for number, files in enumerate(patches) for patch in files if patch]
    texts = [patch for files in patches for patch in files if patch]
    if not texts:
        return [np.empty(0, dtype=np.uint32) for _ in patches]
    raw = [text.encode("utf-8", "surrogatepass") for text in texts]
    signs = np.array([b"-+"[b"\n+" in text or text[:1] == b"+"] for text in raw], dtype=np.uint8)
    hashes, file_of = _tokens(raw, signs)
    runs, run_file = _runs(hashes, file_of, signs)
    owner = np.array(owners, dtype=np.uint64)[run_file]
    keys = np.sort(owner << np.uint64(32) | runs >> np.uint64(32))
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
    bounds = np.searchsorted(keys >> np.uint64(32), np.arange(1, len(patches), dtype=np.uint64))
    return np.split(keys.astype(np.uint32), bounds)


def _tokens(
    raw: Sequence[bytes], signs: npt.NDArray[np.uint8]
) -> tuple[Numbers, npt.NDArray[np.intp]]:
    """A hash for each token of the changed lines that count, and the number of its file."""
    raw = [text if text.endswith(b"\n") else text + b"\n" for text in raw]
    data = np.frombuffer(b"".join(raw), dtype=np.uint8)
    file_ends = np.cumsum([len(text) for text in raw])
    at = np.flatnonzero(_on_lines(data, file_ends, signs) & (_CLASS[data] != _BLANK))
    if not len(at):
        return np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.intp)
    kind = _CLASS[data[at]]
    begins = np.append(True, (kind[1:] == _SIGN) | (kind[:-1] == _SIGN) | (at[1:] != at[:-1] + 1))
    first = np.flatnonzero(begins)
    lengths = np.diff(np.append(first, len(at)))
    place = np.arange(len(at)) - np.repeat(first, lengths)
    values = _OF_BYTE[data[at]] * _OF_PLACE[place & 1023]
    hashes = _mixed(np.add.reduceat(values, first))
    return hashes, np.searchsorted(file_ends, at[first], side="right")


def _on_lines(
    data: npt.NDArray[np.uint8], file_ends: npt.NDArray[np.intp], signs: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Which bytes are on a line that begins with its file's sign; the sign itself is not."""
    ends = np.flatnonzero(data == ord("\n")) + 1
    starts = np.append(0, ends[:-1])
    wanted = data[starts] == signs[np.searchsorted(file_ends, starts, side="right")]
    steps = np.zeros(len(data) + 1, dtype=np.int8)
    steps[starts[wanted] + 1] += 1
    steps[ends[wanted]] -= 1
    return np.cumsum(steps[:-1], dtype=np.int8).astype(np.bool_)


def _runs(
    tokens: Numbers, file_of: npt.NDArray[np.intp], signs: npt.NDArray[np.uint8]
) -> tuple[Numbers, npt.NDArray[np.intp]]:
    """A hash for each run, and the number of its file; what goes is not like what comes."""
    total = tokens * _OF_TOKEN[0] + signs[file_of] * _OF_SIGN
    whole = np.zeros(len(tokens), dtype=np.bool_)
    for further in range(1, RUN):
        same = file_of[further:] == file_of[:-further]
        total[: len(same)] += np.where(same, tokens[further:] * _OF_TOKEN[further], np.uint64(0))
        if further == RUN - 1:
            whole[: len(same)] = same
    alone = np.append(True, file_of[1:] != file_of[:-1]) if len(tokens) else whole
    counts = whole | alone  # the first token of a file that is too short stands for all of it
    return _mixed(total[counts]), file_of[counts]


def _mixed(values: Numbers) -> Numbers:
    """Every bit of the outcome depends on every bit of the value (splitmix64's last step)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
