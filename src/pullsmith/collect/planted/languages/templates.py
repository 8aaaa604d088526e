"""Templates of inserted lines in other languages than Python: a hard-coded secret and its twins.

Two sets for each language with no line in common, one for each pool; the letters are those of the
templates of Python. Where a language refuses an unused variable, as Go does, the line is one that
compiles. Refuses to know the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pullsmith.collect.planted.templates import Template
from pullsmith.grammars import LANGUAGES
from pullsmith.records import Split

_Pools = Mapping[Split, Mapping[str, tuple[Template, ...]]]


def foreign_templates(language: str) -> _Pools:
    """The templates of a language by pool and kind; raises ValueError for none of LANGUAGES."""
    if language not in _TEMPLATES:
        raise ValueError(f"no such language: {language!r}; known: {', '.join(LANGUAGES)}")
    return _TEMPLATES[language]


def _secret(value: str, environment: str) -> Callable[..., Template]:
    """Makes templates of a language that writes a secret as ``value``, and reads one so."""

    def template(frame: str, *others: str, plain: str) -> Template:
        good = tuple(frame.replace("@", each) for each in (environment, *others))
        return Template(frame.replace("@", value), (*good, plain), frame.replace("@", environment))

    return template


def _pools(train: Sequence[Template], held_out: Sequence[Template]) -> _Pools:
    return {Split.TRAIN: {"secret": tuple(train)}, Split.EVAL: {"secret": tuple(held_out)}}


_script = _secret("$q$x$q", "process.env.$S")
_go = _secret('"$x"', 'os.Getenv("$S")')
_java = _secret('"$x"', 'System.getenv("$S")')
_rust = _secret('"$x"', 'env::var("$S")?')

_JAVASCRIPT = _pools(
    (
        _script("const $m = @;", "load($p)", plain="const $n = $q$w$q;"),
        _script("this.$m = @;", "load($p)", plain="this.$n = $q$w$q;"),
        _script("config.$m = @;", "load($p)", plain="config.$n = $q$w$q;"),
        _script("login($p, { $m: @ });", "load($p)", plain="login($p, { $n: $q$w$q });"),
    ),
    (
        _script("let $m = @;", "settings.$m", plain="let $n = $q$w$q;"),
        _script("options[$q$s$q] = @;", "settings.$m", plain="options[$q$n$q] = $q$w$q;"),
        _script(
            "const $v = connect({ $m: @ });",
            "settings.$m",
            plain="const $v = connect({ $n: $q$w$q });",
        ),
    ),
)
_TYPESCRIPT = _pools(
    (
        _script("const $m = @;", "load($p)", plain="const $n = $q$w$q;"),
        _script("const $m: string = @;", "load($p)", plain="const $n: string = $q$w$q;"),
        _script("config.$m = @;", "load($p)", plain="config.$n = $q$w$q;"),
        _script("login($p, { $m: @ });", "load($p)", plain="login($p, { $n: $q$w$q });"),
    ),
    (
        _script("let $m: string = @;", "settings.$m", plain="let $n: string = $q$w$q;"),
        _script("options[$q$s$q] = @;", "settings.$m", plain="options[$q$n$q] = $q$w$q;"),
        _script(
            "const $v = connect({ $m: @ });",
            "settings.$m",
            plain="const $v = connect({ $n: $q$w$q });",
        ),
    ),
)
_GO = _pools(
    (
        _go("config.$m = @", "load($p)", plain='config.$n = "$w"'),
        _go("$m := @", "load($p)", plain='$n := "$w"'),
        _go("login($p, credentials{$m: @})", "load($p)", plain='login($p, credentials{$n: "$w"})'),
    ),
    (
        _go("options.$m = @", "settings.$m", plain='options.$n = "$w"'),
        _go("var $m = @", "settings.$m", plain='var $n = "$w"'),
        _go('$v["$s"] = @', "settings.$m", plain='$v["$n"] = "$w"'),
    ),
)
_JAVA = _pools(
    (
        _java("String $m = @;", "load($p)", plain='String $n = "$w";'),
        _java("this.$m = @;", "load($p)", plain='this.$n = "$w";'),
        _java("final String $m = @;", "load($p)", plain='final String $n = "$w";'),
    ),
    (
        _java("var $m = @;", "settings.$m()", plain='var $n = "$w";'),
        _java("options.$m = @;", "settings.$m()", plain='options.$n = "$w";'),
        _java("$v.$m = @;", "settings.$m()", plain='$v.$n = "$w";'),
    ),
)
_RUST = _pools(
    (
        _rust("let $s = @;", "load($p)", plain='let $n = "$w";'),
        _rust("config.$s = @;", "load($p)", plain='config.$n = "$w";'),
        _rust(
            "login($p, Credentials { $s: @ });",
            "load($p)",
            plain='login($p, Setting { $n: "$w" });',
        ),
    ),
    (
        _rust("let mut $s = @;", "settings.$s()", plain='let mut $n = "$w";'),
        _rust("options.$s = @;", "settings.$s()", plain='options.$n = "$w";'),
        _rust("$v.$s = @;", "settings.$s()", plain='$v.$n = "$w";'),
    ),
)
_TEMPLATES: dict[str, _Pools] = {
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "go": _GO,
    "java": _JAVA,
    "rust": _RUST,
}
