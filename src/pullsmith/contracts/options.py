"""What a prompt's options mean for its answer: which fields are asked for, and how much of a list.

Takes options and answer values; gives faults as AnswerErrors. Knows no wire form and no words: how
an option is said is each contract's own, and what a contract cannot say is asked as by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from pullsmith.contracts.answers import AnswerValue, Improve, Review
from pullsmith.errors import AnswerError
from pullsmith.records import PromptOptions

DEFAULTS = PromptOptions()


def check_asked(value: AnswerValue, options: PromptOptions) -> None:
    """Raise AnswerError unless ``value`` has what ``options`` ask for, and nothing besides.

    Reasons: missing_field, extra_field, too_many.
    """
    if isinstance(value, Review):
        for name, asked in _fields(options):
            there = getattr(value, name) is not None
            if asked and not there:
                raise AnswerError("missing_field", f"{name}: the prompt asks for it")
            if there and not asked:
                raise AnswerError("extra_field", f"{name}: the prompt does not ask for it")
        _check_length("key_issues_to_review", value.issues, options.max_findings)
    if isinstance(value, Improve):
        _check_length("code_suggestions", value.code_suggestions, options.max_suggestions)


def as_asked(value: AnswerValue, options: PromptOptions) -> AnswerValue:
    """``value`` without what ``options`` do not ask for; what it lacks stays away."""
    if isinstance(value, Review):
        unasked = {name: None for name, asked in _fields(options) if not asked}
        issues = value.key_issues_to_review
        issues = None if issues is None else issues[: options.max_findings]
        return value.model_copy(update={**unasked, "key_issues_to_review": issues})
    if isinstance(value, Improve):
        suggestions = value.code_suggestions[: options.max_suggestions]
        return value.model_copy(update={"code_suggestions": suggestions})
    return value


def spoken(options: PromptOptions, names: frozenset[str]) -> PromptOptions:
    """``options`` with the default of every one that is not among ``names``."""
    unsaid = PromptOptions.model_fields.keys() - names
    if all(getattr(options, name) == getattr(DEFAULTS, name) for name in unsaid):
        return options
    return options.model_copy(update={name: getattr(DEFAULTS, name) for name in unsaid})


def _fields(options: PromptOptions) -> Iterator[tuple[str, bool]]:
    """The fields of a review that may be missing, and whether they are asked for."""
    yield "key_issues_to_review", True
    yield "estimated_effort_to_review", options.require_effort
    yield "score", options.require_score
    yield "relevant_tests", options.require_tests
    yield "security_concerns", options.require_security
    yield "can_be_split", options.require_can_be_split


def _check_length(name: str, items: tuple[AnswerValue, ...], most: int) -> None:
    if len(items) > most:
        raise AnswerError("too_many", f"{name}: {len(items)}, the prompt asks for at most {most}")
