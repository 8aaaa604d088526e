"""``doctor``: what this machine has."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import click

_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "PULLSMITH_API_KEY", "HF_TOKEN", "GITHUB_TOKEN")
_EXTRAS = {  # and the modules each brings
    "train": ("torch", "transformers", "trl", "peft", "datasets", "accelerate"),
    "serve": ("fastapi", "uvicorn", "torch", "transformers", "peft"),
    "anthropic": ("anthropic",),
    "github": ("githubkit",),
    "discover": ("duckdb",),
    "languages": (
        "tree_sitter", "tree_sitter_go", "tree_sitter_java", "tree_sitter_javascript",
        "tree_sitter_rust", "tree_sitter_typescript",
    ),
    "tokens": ("tiktoken", "mistral_common", "tokenizers"),
}  # fmt: skip


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Say what this machine has: git, memory, disk, GPU, extras, keys (by name, never by value)."""
    facts = machine_facts()
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for name, fact in facts.items():
        click.echo(f"{name:15} {fact}")


def machine_facts() -> dict[str, str]:
    """What was found, one line each; nothing is asked of the network."""
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    keys = [name for name in _KEYS if os.environ.get(name)]
    return {
        "python": platform.python_version(),
        "git": _first_line("git", "--version") or "missing: collect needs git >= 2.39.4",
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "disk": f"{free:.0f} GiB free here",
        "gpu": _first_line("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
        or "none found; training runs on the processor",
        **{f"extra {extra}": _extra(extra) for extra in _EXTRAS},
        "keys": ", ".join(keys) or f"none set ({', '.join(_KEYS)})",
    }


def _extra(extra: str) -> str:
    missing = [name for name in _EXTRAS[extra] if find_spec(name) is None]
    if not missing:
        return "installed"
    return f"missing {', '.join(missing)}: pip install 'pullsmith[{extra}]'"


def _memory() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size / 2**30:.0f} GiB"


def _first_line(*command: str) -> str:
    """The first line a program prints; empty where it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.splitlines() if done.returncode == 0 else []
    return lines[0].strip() if lines else ""
