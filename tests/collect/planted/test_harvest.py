from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pullsmith.collect.planted.harvest import Harvest, harvest
from pullsmith.errors import SourceError

KEPT = '''class A:
    x = 1

    @property
    def size(self, width=None):
        """Its size."""
        if width is None:
            width = 3
        return width
'''


def tree(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return folder


def test_a_function_is_described_line_by_line(tmp_path: Path) -> None:
    [function] = harvest(tree(tmp_path, a__b=KEPT), max_lines=8).functions
    assert function.path == "a/b.py"
    assert (function.name, function.keyword, function.argument) == ("size", "def", "width")
    assert function.first_line == 4  # the decorator's
    assert function.lines == tuple(KEPT.splitlines()[3:])
    assert function.insert_at == 3  # after the docstring
    assert function.removable == ((3, 5), (5, 6))  # the condition and the return
    assert [site.kind for site in function.sites] == ["mutable_default", "inverted", "none_eq"]


def body(name: str = "f", lines: str = "    a = g()\n    return a\n") -> str:
    return f"x = 1\n\n\ndef {name}(a):\n{lines}"


LEFT_OUT = {
    "length": body(lines="    return 1\n"),
    "columns": body(lines=f"    a = '{'x' * 80}'\n    return a\n"),
    "one_line": "x = 1\ndef f(a,\n      b,\n      c): return a\n",
    "telling_name": body(name="get_token"),
    "smell:call:print": body(lines="    print(a)\n    return a\n"),
    "smell:comment": body(lines="    a = 1  # print(a)\n    return a\n"),
    "lonely": body().removeprefix("x = 1\n\n\n"),
    "file:UnicodeDecodeError": body() + "# é\n",
    "file:SyntaxError": body() + "def\n",
    "file:line_ends": body().removesuffix("\n"),
}


@pytest.mark.parametrize("reason", LEFT_OUT)
def test_what_is_left_out_is_counted_by_reason(tmp_path: Path, reason: str) -> None:
    folder = tree(tmp_path, bad=LEFT_OUT[reason], good=body(name="kept"))
    found = harvest(folder, max_lines=8)
    assert [function.name for function in found.functions] == ["kept"]
    assert found.left_out == {reason: 1}
    assert list(found.files) == ["good.py"]


def test_what_opens_a_file_in_a_with_block_is_a_place_to_plant_in_and_no_more(
    tmp_path: Path,
) -> None:
    block = "    if a is None:\n        a = g()\n    with open(a) as b:\n        return b.read()\n"
    names = {"a": body("one", block), "b": body("two", "    a = g(a)\n" + block + "    print(a)\n")}
    names["c"] = body("three", "    a = open(a)\n    return a\n")
    found = harvest(tree(tmp_path, **names, d=body("four")), max_lines=8)
    assert [each.name for each in found.functions] == ["four"]
    [opening] = found.opening
    assert (opening.name, [site.kind for site in opening.sites]) == ("one", ["unclosed"])
    assert opening.path in found.files
    assert found.left_out == {
        "smell:with:open": 1,
        "smell:call:print": 1,
        "smell:call:open": 1,
    }


def test_of_the_same_text_only_the_first_by_path_is_kept(tmp_path: Path) -> None:
    folder = tree(tmp_path, b=body(), a=body().replace("    return", "    return "))
    found = harvest(folder, max_lines=8)
    assert [function.path for function in found.functions] == ["a.py"]
    assert found.left_out == {"duplicate": 1}


def test_skipped_folders_are_not_entered_and_the_limit_counts_files(tmp_path: Path) -> None:
    names = {"site-packages__a": "one", "test__a": "two", "b": "three", "c": "four"}
    folder = tree(tmp_path, **{path: body(name) for path, name in names.items()})
    assert [each.name for each in harvest(folder, max_lines=8).functions] == ["three", "four"]
    limited = harvest(folder, max_lines=8, file_limit=1)
    assert [each.name for each in limited.functions] == ["three"]


def test_a_folder_without_a_usable_function_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no usable function .*'length': 1"):
        harvest(tree(tmp_path, a=LEFT_OUT["length"]), max_lines=8)


def test_the_standard_library_gives_functions_in_a_fixed_order(library: Harvest) -> None:
    places = [(each.path, each.first_line) for each in library.functions]
    assert len(places) == len(set(places)) > 500
    assert [path for path, _ in places] == sorted(path for path, _ in places)
    for each in library.functions:
        assert library.files[each.path][each.first_line - 1 :][: len(each.lines)] == each.lines
        assert ast.parse("if True:\n" + "\n".join(each.lines)) if each.lines[0][0] == " " else True
