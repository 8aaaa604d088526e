from __future__ import annotations

import pytest

from pullsmith.collect.planted.languages.smells import smell

SMELLS = [
    ("comment", "// TODO: later\n"),
    ("comment", "/* eslint-disable no-eval */\n"),
    ("debug", "console.log(a);\n"),
    ("debug", "System.out.println(a);\n"),
    ("debug", "fmt.Println(a)\n"),
    ("debug", 'println!("{}", a);\n'),
    ("debug", "dbg!(a);\n"),
    ("unfinished", "todo!()\n"),
    ("eval", "eval(a);\n"),
    ("eval", "a.innerHTML = b;\n"),
    ("swallowed", "try { a(); } catch (e) { }\n"),
    ("secret", 'password := "abc"\n'),
    ("secret", "const apiKey = 'abc';\n"),
    ("secret", 'String dbPassword = "abc";\n'),
]
CLEAN = [
    "// toDo lists are drawn here\n",
    "log.debug(a);\n",
    "fmt.Sprintf(a)\n",
    'format!("{}", a);\n',
    "try { a(); } catch (e) { b(e); }\n",
    "const apiKey = process.env.API_KEY;\n",
    "if (a.innerHTML == b) c();\n",
    'password := os.Getenv("PASSWORD")\n',
]


@pytest.mark.parametrize(("name", "text"), SMELLS)
def test_what_could_pass_for_a_defect_is_named(name: str, text: str) -> None:
    assert smell(text) == name


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_it_is_clean(text: str) -> None:
    assert smell(text) is None


def test_what_the_secret_scan_sees_is_no_clean_function() -> None:
    # Put together here, so that no credential-like text stands in this file.
    assert smell("connect('" + "AKIA" + "IOSFODNN7" + "QWERTYU" + "')\n") == "secret"
