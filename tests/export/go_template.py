"""The part of Go's templates and of Ollama's rules that our Modelfiles use, read on its own.

What is read here was taken from Ollama's source: how a Modelfile is split, which names a template
is given, that texts of one role are joined, and that nothing behind the answer is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_TEMPLATE = re.compile(r'^TEMPLATE """(.*?)"""$', re.MULTILINE | re.DOTALL)
_ACTION = re.compile(r'\{\{ ((?:"(?:[^"\\]|\\.)*"|[^"{}])*?) \}\}', re.DOTALL)
_WIDE = re.compile(r"\\U([0-9a-f]{8})")


@dataclass(frozen=True)
class Modelfile:
    """What Ollama reads of one."""

    source: str
    template: str
    parameters: tuple[tuple[str, str], ...]


def read_modelfile(text: str) -> Modelfile:
    """Its instructions; fails on a line that is none."""
    found = _TEMPLATE.search(text)
    assert found
    template = found[1]
    # Its reader drops every character that cannot be printed, line ends and tabs apart.
    assert all(c.isprintable() or c in "\n\t" for c in text)
    lines = _TEMPLATE.sub("", text).splitlines()
    named = [line.split(" ", 1) for line in lines if line and not line.startswith("#")]
    assert {name for name, _ in named} <= {"FROM", "PARAMETER"}
    (source,) = (value for name, value in named if name == "FROM")
    settings = [value.split(" ", 1) for name, value in named if name == "PARAMETER"]
    unquoted = [(name, v[1:-1] if v[:1] == '"' == v[-1:] else v) for name, v in settings]
    return Modelfile(source, template, tuple(unquoted))


def prompt_of(template: str, talk: Sequence[tuple[str, str]]) -> str:
    """What Ollama sends to the model for a conversation of (role, content), its first token apart."""
    turns = list(_turns(talk))
    done = "".join(_run(template, turn, answered=True) for turn in turns[:-1])
    return done + _run(template, turns[-1], answered=False)


def _turns(talk: Sequence[tuple[str, str]]) -> Iterator[dict[str, str]]:
    turn = {"System": "", "Prompt": "", "Response": ""}
    for role, content in talk:
        if (role == "user" and turn["Response"]) or (
            role == "system" and (turn["Prompt"] or turn["Response"])
        ):
            yield turn
            turn = dict.fromkeys(turn, "")
        turn[{"system": "System", "user": "Prompt", "assistant": "Response"}[role]] = content
    yield turn


def _run(template: str, names: Mapping[str, str], *, answered: bool) -> str:
    out, writes, at = list[str](), [True], 0
    for found in _ACTION.finditer(template):
        assert template[at : found.start()] == "", "every word is a constant"
        at, action = found.end(), found[1]
        if action == "if .System":
            writes.append(bool(names["System"]))
        elif action == "else":
            writes[-1] = not writes[-1]
        elif action == "end":
            writes.pop()
        elif action == ".Response" and not answered:
            return "".join(out)
        elif all(writes):
            out.append(_value(action, names))
    assert at == len(template)
    return "".join(out)


def _value(action: str, names: Mapping[str, str]) -> str:
    if action.startswith("."):
        return names[action[1:]]
    wide = _WIDE.sub(lambda m: chr(int(m[1], 16)), action)
    return str(json.loads(wide, strict=False))
