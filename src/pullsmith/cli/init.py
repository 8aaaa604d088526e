"""``init``: a commented study file, written from the settings' own docstrings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pullsmith.errors import StudyError

if TYPE_CHECKING:
    from pydantic import BaseModel

_HEAD = """\
# A pullsmith study. Lines that begin with "# " and a key show the default; change and uncomment them.
# Run it with: pullsmith run {file}

name = "{name}"

# Who plays which part: openai:NAME, http://host:port/v1#NAME, hf:ORG/NAME, ./FOLDER, tiny, rules, …
teacher = [{{ model = "rules+truth", contract = "compact-1" }}]
student = [{{ model = "tiny", contract = "compact-1", max_tokens = 112 }}]
reference = [{{ model = "rules" }}]
judge = [{{ model = "rubric" }}]
"""
_ROLES = ("teacher", "student", "reference", "judge")
_ROOT_KEYS = ("seed", "runs", "engine", "accept_terms", "budget_usd", "baselines")
_SOURCES = 'sources = [{ git = ".", optional = true }, { planted = "stdlib", fill_to = 3000 }]\n'


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def init(file: Path) -> None:
    """Write a commented study FILE; never over one that is there."""
    if file.exists():
        raise StudyError(f"{file}: already there; pullsmith init never overwrites")
    try:
        file.write_text(study_template(file), encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{file}: cannot be written: {error.strerror}") from error
    click.echo(f"wrote {file}; run it with: pullsmith run {file}")


def study_template(file: Path) -> str:
    """The text of a study file that runs as it is and shows every other setting with its default."""
    from pydantic import BaseModel

    from pullsmith.study import Study

    name = (
        "".join(c if c.isalnum() or c in "._-" else "-" for c in file.stem).lstrip("._-") or "study"
    )
    lines = [_HEAD.format(file=file, name=name)]
    lines += [line for line in _settings(Study) if line.split()[1] in _ROOT_KEYS]
    lines.append("")
    for key, field in Study.model_fields.items():
        default = field.get_default()
        if key == "collect" or isinstance(default, BaseModel):
            model = field.annotation if key == "collect" else type(default)
            lines.append(f"[{key}]  # {field.description}")
            lines.extend([_SOURCES.rstrip()] if key == "collect" else [])
            lines.extend(_settings(model))  # type: ignore[arg-type]  # a settings model in both cases
            lines.append("")
    return "\n".join(lines)


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    from pydantic import BaseModel

    for key, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from _settings(type(default), f"{prefix}{key}.")
        elif not field.is_required() and key not in _ROLES:
            value = "" if default is None else _toml(default)
            yield f"# {prefix}{key} = {value or '…'}  # {field.description}"


def _toml(value: Any) -> str:  # noqa: ANN401  # any setting's default
    return json.dumps(value, ensure_ascii=False, default=str)
