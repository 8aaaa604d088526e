"""A user's own tool in native-1: its templates checked, its answers as canonical YAML.

The templates may include ours, and one of them must include ``pull_request.j2``: what strangers
wrote is put between its marks there, and nowhere else.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from functools import cache

from jinja2 import TemplateSyntaxError, meta

from pullsmith.contracts.answers import AnswerValue
from pullsmith.contracts.canonical import build_value, canonical_yaml
from pullsmith.contracts.fenced import check_encodable, read_fields
from pullsmith.contracts.native_1.prompt import environment_of
from pullsmith.contracts.tools import Templates, Tool
from pullsmith.errors import AnswerError, StudyError
from pullsmith.records import PromptOptions

PULL_REQUEST = "pull_request.j2"
OPTIONS = "options.j2"
PARTS = (PULL_REQUEST, "diff.j2", "yaml_rules.j2", OPTIONS)  # ours, for everyone to include
STRANGERS = frozenset({"title", "branch", "body", "commits", "diff", "omitted"})
VARIABLES = frozenset(PromptOptions.model_fields) | {"diff_form"}


def write_own(tool: Tool, value: AnswerValue) -> str:
    """The value as YAML without fences; raises AnswerError where it would not be read back."""
    if not isinstance(value, tool.answer):
        raise AnswerError("not_writable", f"a {type(value).__name__} is no answer to {tool.name}")
    check_encodable(value)
    text = canonical_yaml(value)
    if read_own(tool, text) != value:
        raise AnswerError("not_writable", f"{tool.name}: the text says another value")
    return text


def read_own(tool: Tool, text: str) -> AnswerValue:
    """The value of a raw answer; raises AnswerError with the reasons of the built-in tools."""
    return build_value(tool.name, read_fields(text), {tool.name: tool})


def check_templates(name: str, templates: Templates) -> None:
    """Raise StudyError, naming folder and file, unless the templates can be rendered safely."""
    for fault in _faults(templates):
        raise StudyError(f"tool {name!r}: {templates.folder}: {fault}")


@cache
def options_said(templates: Templates) -> frozenset[str]:
    """The options that the templates say."""
    trees = [environment_of(templates).parse(each) for each in templates.sources.values()]
    names = {name for tree in trees for name in meta.find_undeclared_variables(tree)}
    if any(OPTIONS in meta.find_referenced_templates(tree) for tree in trees):
        names |= {"extra_instructions", "response_language"}
    return frozenset(names & PromptOptions.model_fields.keys())


def _faults(templates: Templates) -> Iterator[str]:
    ours = environment_of(None).list_templates()
    included: set[str | None] = set()
    for file, source in templates.sources.items():
        if file in ours:
            yield f"{file}: expected a name of its own, found that of a template of native-1"
        try:
            tree = environment_of(templates).parse(source)
        except TemplateSyntaxError as error:
            yield f"{file}, line {error.lineno}: {error.message}"
            continue
        included |= (found := set(meta.find_referenced_templates(tree)))
        yield from _include_faults(file, found, (*PARTS, *templates.sources))
        yield from _variable_faults(file, meta.find_undeclared_variables(tree))
    if PULL_REQUEST not in included:
        yield f'user.j2: expected {{% include "{PULL_REQUEST}" %}}, found none'


def _include_faults(file: str, included: set[str | None], known: Collection[str]) -> Iterator[str]:
    for name in sorted(included - set(known), key=str):
        yield f"{file}: expected an include of {_nearest(name, known)}, found {name or 'a variable'}"


def _variable_faults(file: str, names: set[str]) -> Iterator[str]:
    for name in sorted(names & STRANGERS):
        yield (
            f"{file}: expected no {name!r}, which strangers wrote; "
            f'{{% include "{PULL_REQUEST}" %}} shows it between marks'
        )
    for name in sorted(names - STRANGERS - VARIABLES):
        yield f"{file}: expected a variable such as {_nearest(name, VARIABLES)}, found {name!r}"


def _nearest(name: str | None, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name or "", known, n=1)
    return repr(near[0]) if near else ", ".join(sorted(known))
