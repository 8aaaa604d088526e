"""Our YAML as it is written: one style, and every reader reads the same."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given

from pullsmith.contracts.yaml_read import read_yaml
from pullsmith.contracts.yaml_write import Tree, implicit_tag, write_yaml
from tests.contracts.builders import free_texts


@given(free_texts, free_texts, free_texts)
def test_every_text_is_read_back(prose: str, word: str, item: str) -> None:
    tree: dict[str, Tree] = {
        "top": {"title": prose, "label": word, "n": -3},
        "items": [{"label": word}, item],
    }
    assert read_yaml(write_yaml(tree)) == tree


@given(free_texts, free_texts)
def test_another_yaml_reader_reads_the_same_but_for_the_last_line_break(
    prose: str, word: str
) -> None:
    read = yaml.load(write_yaml({"title": prose, "label": word}), Loader=yaml.SafeLoader)
    assert read["label"].removesuffix("\n") == word.removesuffix("\n")
    assert read["title"].removesuffix("\n") == prose.removesuffix("\n")


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        ({"title": "One: two"}, "title: |\n  One: two"),
        ({"label": "bug fix"}, "label: bug fix"),
        ({"label": "yes"}, "label: |\n  yes"),
        ({"label": "c#"}, "label: c#"),
        ({"title": "  in\n\nout"}, "title: |2\n    in\n\n  out"),
        ({"title": "ends\n"}, 'title: "ends\\n"'),
        ({"title": "a\r\n\u2028b"}, 'title: "a\\r\\n\\u2028b"'),
        ({"improved_code": ""}, 'improved_code: ""'),
        ({"list": []}, "list: []"),
        ({"list": [{"a": 1, "b": ["x", 2]}]}, "list:\n- a: 1\n  b:\n  - x\n  - 2"),
    ],
)
def test_the_one_style(tree: dict[str, Tree], text: str) -> None:
    assert write_yaml(tree) == text
    assert read_yaml(text) == tree


def test_lists_in_lists_have_no_form() -> None:
    with pytest.raises(TypeError, match="no YAML form"):
        write_yaml({"list": [["nested"]]})


def test_implicit_tags() -> None:
    found = {text: implicit_tag(text) for text in ("no", "12", "x", "", "1.0", "=", "2001-01-01")}
    assert found == {
        "no": "bool", "12": "int", "x": "str", "": "null", "1.0": "float", "=": "value",
        "2001-01-01": "timestamp",
    }  # fmt: skip
