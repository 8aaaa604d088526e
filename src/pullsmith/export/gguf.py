"""GGUF by llama.cpp's own converter and quantiser, where the user has them.

Takes a whole model's folder and where llama.cpp is; gives files. Neither program is part of this
package: how they are called was read in their source (convert_hf_to_gguf.py, llama-quantize).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullsmith.errors import OutsideError, StudyError

CONVERTER, QUANTISER = "convert_hf_to_gguf.py", "llama-quantize"
_MAGIC = b"GGUF"
_HOW = (
    "get it with: git clone https://github.com/ggml-org/llama.cpp (to quantise also: cmake -B build "
    "&& cmake --build build --target llama-quantize), then say --llama-cpp FOLDER"
)


@dataclass(frozen=True)
class LlamaCpp:
    """The commands of a llama.cpp that was found; ``quantise`` is empty where it is not needed."""

    convert: tuple[str, ...]
    quantise: tuple[str, ...]


def find_llama_cpp(
    folder: Path | None, *, quantise: bool, which: Callable[[str], str | None] = shutil.which
) -> LlamaCpp:
    """The programs in ``folder``, a checkout of llama.cpp, or on PATH.

    Raises StudyError saying how to get the one that is missing.
    """
    converter = _converter(folder, which)
    found = _quantiser(folder, which) if quantise else ()
    return LlamaCpp(converter, found)


def _converter(folder: Path | None, which: Callable[[str], str | None]) -> tuple[str, ...]:
    if folder is not None:
        script = folder / CONVERTER
        if script.is_file():
            return (sys.executable, str(script))  # it needs torch and transformers, as we do
    elif path := which(CONVERTER):
        return (path,)
    where = str(folder) if folder else "PATH"
    raise StudyError(f"export: {CONVERTER} is not in {where}; {_HOW}")


def _quantiser(folder: Path | None, which: Callable[[str], str | None]) -> tuple[str, ...]:
    if folder is not None:
        for path in (folder / QUANTISER, folder / "build" / "bin" / QUANTISER):
            if path.is_file():
                return (str(path),)
    if path_found := which(QUANTISER):
        return (path_found,)
    where = f"{folder}, its build/bin" if folder else "PATH"
    raise StudyError(f"export: {QUANTISER} is not in {where}; {_HOW}")


def write_gguf(model: Path, out: Path, programs: LlamaCpp, *, quantise: str = "") -> Path:
    """Convert the whole model in ``model``; the file in ``out``, quantised to ``quantise`` if it says.

    In 16 bits without. Raises OutsideError with a program's last words where one fails.
    """
    name = out.name.removesuffix(".gguf")
    full = out.with_name(f"{name}-16bit.gguf" if quantise else out.name)
    _run([*programs.convert, str(model), "--outfile", str(full), "--outtype", "auto"], full)
    if not quantise:
        return full
    _run([*programs.quantise, str(full), str(out), quantise], out)
    full.unlink()
    return out


def _run(command: Sequence[str], made: Path) -> None:
    """Run it and see that it made a GGUF file; nothing is fetched meanwhile."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    program = next(Path(word).name for word in command if word != sys.executable)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, env=environment
        )
    except OSError as error:
        raise OutsideError(f"export: {program} cannot be run: {error}") from error
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise OutsideError(f"export: {program} failed ({done.returncode}): {words}")
    if not (made.is_file() and _begins(made) == _MAGIC):
        raise OutsideError(f"export: {program} said it was done and left no GGUF file")


def _begins(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(len(_MAGIC))
