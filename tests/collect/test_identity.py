"""Names of repositories: by address where it is plainly one, never a path or a password."""

from __future__ import annotations

import pytest

from pullsmith.collect.identity import name_of


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://Git.Example.org/ada/tool.git", "git.example.org/ada/tool"),
        ("https://ada:secret@git.example.org/ada/tool", "git.example.org/ada/tool"),
        ("git@git.example.org:ada/tool.git", "git.example.org/ada/tool"),
        ("ssh://git@git.example.org:2222/group/sub/tool.git", "git.example.org/group/sub/tool"),
        ("https://git.example.org/ada/tool/", "git.example.org/ada/tool"),
        ("/home/ada/tool", ""),
        ("file:///home/ada/tool", ""),
        ("../tool", ""),
        ("https://git.example.org/../../etc/passwd", ""),
        ("https://git.example.org/ada/tool@main#x", ""),
        ("https://git.example.org/ada/to ol", ""),
        ("https://localhost/ada/tool", ""),
        ("ext::sh -c touch% pwned", ""),
        ("", ""),
    ],
)
def test_name_of(url: str, name: str) -> None:
    assert name_of(url) == name
