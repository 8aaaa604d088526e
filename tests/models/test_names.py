"""Names of models."""

from __future__ import annotations

import pytest

from pullsmith.errors import StudyError
from pullsmith.models.names import ModelKind, parse_model_name


@pytest.mark.parametrize(
    ("text", "kind", "target", "url"),
    [
        ("openai:gpt-5", ModelKind.OPENAI, "gpt-5", None),
        ("http://127.0.0.1:8000/v1#org/m", ModelKind.ENDPOINT, "org/m", "http://127.0.0.1:8000/v1"),
        ("hf:Org/Name", ModelKind.HUB, "Org/Name", None),
        ("./folder", ModelKind.FOLDER, "./folder", None),
        ("rules+truth", ModelKind.RULES_TRUTH, "rules+truth", None),
        ("tiny", ModelKind.TINY, "tiny", None),
    ],
)
def test_known_forms(text: str, kind: ModelKind, target: str, url: str | None) -> None:
    name = parse_model_name(text)
    assert (name.kind, name.target, name.base_url) == (kind, target, url)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("http://127.0.0.1:8000/v1", "#NAME"),
        ("rulse", "did you mean 'rules'"),
        ("openia:gpt", "did you mean 'openai:'"),
        ("openai:", "did you mean 'openai:'"),
        ("", "known: tiny"),
    ],
)
def test_unknown_forms_name_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(StudyError, match=hint):
        parse_model_name(text)
