"""Teachers whose terms forbid training: refused unless the study names them."""

from __future__ import annotations

import pytest

from pullsmith.errors import StudyError
from pullsmith.llm.terms import check_terms, forbidden_because
from pullsmith.study.roles import TeacherRole


@pytest.mark.parametrize(
    ("model", "training", "refused"),
    [
        ("openai:gpt-5", "", True),
        ("openai:gpt-5", "allowed", False),
        ("anthropic:claude", "", True),
        ("https://openrouter.ai/api/v1#anthropic/claude", "", True),
        ("https://openrouter.ai/api/v1#openai/gpt-oss-120b", "", False),
        ("https://openrouter.ai/api/v1#qwen/qwen3-coder", "", False),
        ("http://127.0.0.1:1/v1#small", "", False),
        ("http://127.0.0.1:1/v1#small", "forbidden", True),
        ("rules", "", False),
    ],
)
def test_who_is_refused(model: str, training: str, refused: bool) -> None:
    teacher = TeacherRole.model_validate({"model": model, "training": training})
    assert bool(forbidden_because(teacher)) == refused
    check_terms([teacher], [model])
    if refused:
        with pytest.raises(StudyError, match=r"accept_terms = \["):
            check_terms([teacher], ["openai:other"])
    else:
        check_terms([teacher], [])
