"""llama.cpp's programs: found, called as their source says, believed only where a file is left."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, StudyError
from pullsmith.export.gguf import LlamaCpp, find_llama_cpp, write_gguf
from pullsmith.export.source import find_source
from pullsmith.export.targets import Choices, export
from tests.export.trained import Run

# Stands in for llama.cpp's: the same arguments, read by argparse as there, and a file of the same kind.
CONVERTER = """\
import argparse, json, pathlib, os
parser = argparse.ArgumentParser()
parser.add_argument("model", type=str, nargs="?")
parser.add_argument("--outfile", type=pathlib.Path)
parser.add_argument("--outtype", type=str, default="auto",
                    choices=["f32", "f16", "bf16", "q8_0", "tq1_0", "tq2_0", "auto"])
args = parser.parse_args()
assert os.environ["HF_HUB_OFFLINE"] == "1"
model = pathlib.Path(args.model)
kind = json.loads((model / "config.json").read_text())["model_type"]
size = sum(path.stat().st_size for path in model.glob("*.safetensors"))
args.outfile.write_bytes(b"GGUF" + f"{kind} {size}".encode())
"""
QUANTISER = f"""#!{sys.executable}
import pathlib, sys
source, target, kind = sys.argv[1:]
pathlib.Path(target).write_bytes(pathlib.Path(source).read_bytes() + kind.encode())
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "llama.cpp"
    (folder / "build" / "bin").mkdir(parents=True)
    (folder / "convert_hf_to_gguf.py").write_text(CONVERTER)
    program = folder / "build" / "bin" / "llama-quantize"
    program.write_text(QUANTISER)
    program.chmod(0o755)
    return folder


def test_a_model_is_converted_and_the_16_bits_go_once_it_is_quantised(
    tiny_run: Run, checkout: Path, tmp_path: Path
) -> None:
    source = find_source(str(tiny_run.file))
    made = export(source, "gguf", tmp_path / "full", Choices(llama_cpp=checkout))
    assert made.files == ("README.md", "pupil.gguf")
    assert (tmp_path / "full" / "pupil.gguf").read_bytes().startswith(b"GGUFqwen2 ")
    assert any("pullsmith fidelity" in note for note in made.notes)
    choices = Choices(llama_cpp=checkout, quantise="Q4_K_M")
    made = export(source, "gguf", tmp_path / "small", choices)
    assert made.files == ("README.md", "pupil.gguf")
    assert (tmp_path / "small" / "pupil.gguf").read_bytes().endswith(b"Q4_K_M")


def test_a_program_that_is_not_there_is_told_before_anything_is_done(
    checkout: Path, tmp_path: Path
) -> None:
    def nowhere(_: str) -> None:
        return None

    with pytest.raises(
        StudyError, match=r"convert_hf_to_gguf\.py is not in PATH; get it with: git"
    ):
        find_llama_cpp(None, quantise=False, which=nowhere)
    with pytest.raises(StudyError, match=f"is not in {tmp_path}"):
        find_llama_cpp(tmp_path, quantise=False, which=nowhere)
    assert find_llama_cpp(checkout, quantise=False, which=nowhere).quantise == ()
    (checkout / "build" / "bin" / "llama-quantize").unlink()
    with pytest.raises(StudyError, match="llama-quantize is not in"):
        find_llama_cpp(checkout, quantise=True, which=nowhere)
    found = find_llama_cpp(None, quantise=True, which=lambda name: f"/opt/{name}")
    assert found == LlamaCpp(("/opt/convert_hf_to_gguf.py",), ("/opt/llama-quantize",))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys\nprint('working')\nsys.exit('Model Odd is not supported')", "Model Odd is not supported"),
        ("print('done')", "said it was done and left no GGUF file"),
        ("import sys, pathlib\npathlib.Path(sys.argv[3]).write_text('no')", "left no GGUF file"),
    ],
)  # fmt: skip
def test_a_converter_that_fails_or_leaves_nothing_is_no_export(
    tiny_run: Run, checkout: Path, tmp_path: Path, script: str, said: str
) -> None:
    (checkout / "convert_hf_to_gguf.py").write_text(script)
    with pytest.raises(OutsideError, match=said):
        export(
            find_source(str(tiny_run.file)), "gguf", tmp_path / "out", Choices(llama_cpp=checkout)
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["llama.cpp"]


def test_a_program_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be run"):
        write_gguf(tmp_path, tmp_path / "a.gguf", LlamaCpp((str(tmp_path / "absent"),), ()))
