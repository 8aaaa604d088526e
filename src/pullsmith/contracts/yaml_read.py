"""YAML read strictly: one document of mappings, lists, texts and whole numbers, and nothing else.

Takes text a model wrote; gives a tree, or raises AnswerError with a short reason. Built on the
parser's events (libyaml's where it is installed), because a composed document has already followed
aliases and forgotten repeated keys. Aliases, anchors, tags, repeated keys, deep nesting and values
YAML 1.1 reads as something else (``no`` is a boolean) are refused, never repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from pullsmith.contracts.yaml_write import implicit_tag
from pullsmith.errors import AnswerError

ReadTree = str | int | list["ReadTree"] | dict[str, "ReadTree"]
MAX_CHARACTERS = 4_000_000
_MAX_DEPTH = 8
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,8})")


def read_yaml(text: str) -> ReadTree:
    """The one document in ``text``.

    A block scalar's ending line break is no part of its text, unless its header says ``+``.
    Raises AnswerError: not_yaml, not_one_document, alias, tag, duplicate_key, wrong_type, too_deep.
    """
    _check_characters(text)
    reader = _Reader(text)
    try:
        return reader.document()
    except yaml.YAMLError as error:
        raise AnswerError("not_yaml", _problem(error)) from error


def read_loosely(text: str) -> ReadTree:
    """The same with every scalar as text, nothing at all as an empty one, and the last of repeated keys.

    For telling what a lenient reader would take; raises AnswerError for what has no such form.
    """
    _check_characters(text)
    try:
        return _LooseReader(text).document()
    except yaml.YAMLError as error:
        raise AnswerError("not_yaml", _problem(error)) from error


def broken_line(text: str) -> int | None:
    """The line, from 0, behind which a loose reader does not get; None where it gets through."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return None if mark is None else int(mark.line)
    return None


class _Reader:
    """A pass over the events of one text."""

    loader = _LOADER

    def __init__(self, text: str) -> None:
        self._text = text
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=self.loader))

    def document(self) -> ReadTree:
        """The tree of the only document."""
        next(self._events)  # the start of the stream
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            return self._empty()
        tree = self._node(next(self._events), "", 0)
        next(self._events)  # the end of the document
        if not isinstance(next(self._events), yaml.StreamEndEvent):
            raise AnswerError("not_one_document", "a second document begins")
        return tree

    def _node(self, event: yaml.Event, path: str, depth: int) -> ReadTree:
        where = path or "the top"
        if isinstance(event, yaml.AliasEvent):
            raise AnswerError("alias", f"{where}: anchors and aliases are not allowed")
        if getattr(event, "anchor", None) is not None:
            self._anchored(where)
        if (tag := getattr(event, "tag", None)) is not None:
            raise AnswerError("tag", f"{where}: tags such as {tag!r} are not allowed")
        if depth > _MAX_DEPTH:
            raise AnswerError("too_deep", f"{where}: nested deeper than {_MAX_DEPTH}")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _sequence(self, path: str, depth: int) -> list[ReadTree]:
        items: list[ReadTree] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, _inside(path, str(len(items))), depth + 1))
        return items

    def _mapping(self, path: str, depth: int) -> dict[str, ReadTree]:
        tree: dict[str, ReadTree] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.tag or not self._plain(event):
                raise AnswerError("wrong_type", f"{path or 'the top'}: a key that is no plain word")
            key = str(event.value)
            if key in tree:
                self._repeated(_inside(path, key))
            tree[key] = self._node(next(self._events), _inside(path, key), depth + 1)
        return tree

    def _empty(self) -> ReadTree:
        raise AnswerError("not_yaml", "no document: the text is empty or only comments")

    def _anchored(self, where: str) -> None:
        raise AnswerError("alias", f"{where}: anchors and aliases are not allowed")

    def _plain(self, key: yaml.ScalarEvent) -> bool:
        return not key.anchor

    def _repeated(self, where: str) -> None:
        raise AnswerError("duplicate_key", where)

    def _scalar(self, event: yaml.ScalarEvent, where: str) -> str | int:
        value = str(event.value)
        if event.style in ("|", ">"):
            return value if self._keeps_end(event) else value.removesuffix("\n")
        if event.style:
            return value
        tag = implicit_tag(value)
        if tag == "str":
            return value
        if tag == "int" and _WHOLE.fullmatch(value):
            return int(value)
        raise AnswerError("wrong_type", f"{where}: YAML reads {value[:40]!r} as {tag}; quote it")

    def _keeps_end(self, event: yaml.ScalarEvent) -> bool:
        start = event.start_mark
        return start is not None and "+" in self._text[start.index + 1 : start.index + 3]


class _LooseReader(_Reader):
    """The same, for what another reader would take: one without libyaml, which minds tabs more."""

    loader = yaml.SafeLoader

    def _empty(self) -> ReadTree:
        return ""

    def _anchored(self, where: str) -> None:
        pass

    def _plain(self, key: yaml.ScalarEvent) -> bool:  # noqa: ARG002  # an anchor is passed over
        return True

    def _repeated(self, where: str) -> None:
        pass

    def _scalar(self, event: yaml.ScalarEvent, where: str) -> str | int:  # noqa: ARG002  # nothing is refused
        value = str(event.value)
        return "" if not event.style and implicit_tag(value) == "null" else value


def _check_characters(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise AnswerError("too_long", f"{len(text)} characters, at most {MAX_CHARACTERS}")
    if text.startswith("\ufeff"):  # would shift every position the parser tells
        raise AnswerError("not_yaml", "the text begins with a byte order mark")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise AnswerError("not_yaml", f"half a character at position {error.start}") from error


def _inside(path: str, key: str) -> str:
    return f"{path}.{key[:60]}" if path else key[:60]


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or getattr(error, 'reason', 'unreadable')}"
