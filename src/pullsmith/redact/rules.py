"""The rules, all our own: what a secret or a person's name looks like.

A rule finds a literal anchor, then matches a bounded expression there, so the time is linear in
the text whatever the text is. Not found: secrets without a telling name or prefix, values with
blanks in them, values split over lines, keys whose first line is not in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

RULES_VERSION = "redact-3"
PRIVATE_KEY = "private-key"
EMAIL = "email"
PERSON = "person-name"
PERSONAL = frozenset({EMAIL, PERSON})  # about people; every other rule is about secrets


def _always(_value: str, _match: re.Match[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """``pattern`` is matched where an anchor stands; the last group that took part is the secret.

    ``accepts`` sees the secret as it is written and decides. A ``folded`` rule looks at the text
    in lower case.
    """

    id: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Callable[[str, re.Match[str]], bool] = _always
    folded: bool = False


def _prefixed(rule_id: str, prefixes: str, rest: str) -> Rule:
    """A provider's keys: one of the prefixes, then ``rest``, not inside a longer word."""
    anchors = tuple(prefixes.split())
    either = "|".join(re.escape(anchor) for anchor in anchors)
    return Rule(rule_id, anchors, re.compile(rf"(?<![A-Za-z0-9_])(?:{either}){rest}"))


def _mixed(value: str, _match: re.Match[str] | None = None) -> bool:
    """Whether there are letters and digits, as nearly always in a drawn value of some length."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


# ── values assigned to, or compared with, a telling name ──
_KEYWORDS = (
    "passwd", "password", "passphrase", "pwd", "secret", "token", "api_key", "api-key", "apikey",
    "access_key", "access-key", "accesskey", "private_key", "privatekey", "auth_key", "authkey",
    "credential",
)  # fmt: skip
_ASSIGNED = re.compile(
    rf"(?:{'|'.join(_KEYWORDS)})"
    # What may follow the word in a name; others (password_field, tokenizer) hold no secret.
    r"(?:s|[_-]?(?:key|id|value|string|str|text|base|code|default|prod|dev|test|live|token|\d{1,3})){0,3}"
    r"(?:"
    # closing quote or bracket of a key, annotation, sign, prefix of the literal, quoted literal
    r"""["'`\]]{0,3}[ \t]{0,20}(?::[ \t]{0,4}[a-z_][a-z0-9_.\[\]|?, ]{0,40}?(?==))?"""
    r"(?:=>|:=|={1,3}|!={1,2}|:)[ \t]{0,20}[rbfu]{0,2}"
    r"""(?:(?:\"{3}|\")([^\s"]{4,2000}+)"|(?:'{3}|')([^\s']{4,2000}+)'|`([^\s`]{4,2000}+)`)"""
    # NAME=value as in a shell, name: value as in YAML, to the end of the line
    r"|=([^\s\"'`$(){}<>,;\[\]]{4,2000}+)[ \t\r]{0,40}(?:[#\n]|\Z)"
    r"|[\"']?:[ \t]{1,8}([^\s\"'`$(){}<>,;\[\]]{8,2000}+)[ \t\r]{0,40}(?:[#\n]|\Z)"
    r")"
)
_SHELL, _YAML = 4, 5
_NOT_SECRET = frozenset({
    "none", "null", "true", "false", "string", "undefined", "bearer", "basic", "required",
    "optional", "changeme",
})  # fmt: skip
_TEMPLATE = re.compile(r"\{[^}]*\}|\$[({]|^\$\w+$|%\(|%[srd]|<[^>]*>|^[*xX.]+$")
_PATH = re.compile(r"(?:https?:/|\.{0,2})/.*")
_NAME = re.compile(r"[a-z_.:/-]+")
_SECRET_TOKENS = ("auth_", "access_", "api_", "secret_", "refresh_", "auth", "access", "api")


def _assigned_secret(value: str, match: re.Match[str]) -> bool:
    """Whether the value may be a secret: no template, no path, no mere name."""
    folded = value.lower()
    if folded in _NOT_SECRET or _TEMPLATE.search(value):
        return False
    if _PATH.fullmatch(value) and not (len(value) >= 20 and _mixed(value) and value != folded):
        return False
    if _NAME.fullmatch(folded) and any(keyword in folded for keyword in _KEYWORDS):
        return False  # token_id = "csrf_token"
    before = match.string[max(0, match.start() - 8) : match.start()]
    # A lexer has tokens too: only a value that looks drawn counts.
    lexer = match[0].startswith("token") and not before.endswith(_SECRET_TOKENS)
    if lexer and not (len(value) >= 8 and _mixed(value)):
        return False
    return _unquoted_secret(value, match.lastindex or 0)


def _unquoted_secret(value: str, form: int) -> bool:
    """Stricter without quotes, because a value without them may be a name in code."""
    if form == _SHELL:
        return _mixed(value)
    if form == _YAML:
        odd = not value.replace("_", "").isalnum() or sum(map(str.isdigit, value)) >= 3
        return odd and _mixed(value)
    return True


# ── people ──
_TRAILERS = "|".join(
    rf"(?<={word})"
    for word in (
        "signed-off", "co-authored", "authored", "co-developed", "committed", "reviewed", "acked",
        "tested", "reported", "suggested", "helped", "mentored", "approved", "requested", "pushed",
        "merged",
    )
)  # fmt: skip
_TRAILER = re.compile(rf"(?:{_TRAILERS})-by:[ \t]{{0,8}}([^<>\s][^<>\x00-\x1f]{{0,100}})")


def _somebody(value: str, match: re.Match[str]) -> bool:
    # Nobody's name runs into a secret: what was none before the secret was masked is none after.
    into_secret = match.string.startswith("<masked-secret-", match.end())
    return "://" not in value and "[bot]" not in value and not into_secret


RULES: tuple[Rule, ...] = (
    Rule(
        PRIVATE_KEY,
        ("-----BEGIN ", "PuTTY-User-Key-File-"),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d"
        ),
    ),
    _prefixed("aws-key-id", "AKIA ASIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
    _prefixed("github-token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"[A-Za-z0-9_]{22,255}"),
    _prefixed("gitlab-token", "glpat- glptt- gldt- glrt-", r"[A-Za-z0-9_-]{20,255}"),
    _prefixed("slack-token", "xoxa- xoxb- xoxe- xoxp- xoxr- xoxs- xapp-", r"[A-Za-z0-9-]{10,255}"),
    _prefixed("stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_", r"[A-Za-z0-9]{16,255}"),
    _prefixed("google-key", "AIza", r"[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    _prefixed("npm-token", "npm_", r"[A-Za-z0-9]{36}(?![A-Za-z0-9])"),
    _prefixed("pypi-token", "pypi-AgE", r"[A-Za-z0-9_-]{50,512}"),
    _prefixed("hub-token", "hf_ api_org_", r"[A-Za-z0-9]{30,64}"),
    _prefixed("sendgrid-key", "SG.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}"),
    _prefixed("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{40,80}"),
    _prefixed("docker-token", "dckr_pat_", r"[A-Za-z0-9_-]{20,64}"),
    _prefixed("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"[a-fA-F0-9]{32}(?![A-Za-z0-9])"),
    _prefixed("grafana-token", "glsa_ glc_", r"[A-Za-z0-9_+/=]{30,400}"),
    _prefixed("linear-key", "lin_api_", r"[A-Za-z0-9]{30,64}"),
    _prefixed("vault-token", "hvs. hvb.", r"[A-Za-z0-9_-]{24,300}"),
    _prefixed("databricks-token", "dapi", r"[a-f0-9]{32}(?:-\d)?(?![A-Za-z0-9])"),
    _prefixed("new-relic-key", "NRAK-", r"[A-Z0-9]{27}(?![A-Za-z0-9])"),
    _prefixed("postman-key", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    _prefixed("square-token", "sq0atp- sq0csp- sq0idp-", r"[A-Za-z0-9_-]{22,60}"),
    _prefixed("notion-token", "ntn_", r"[A-Za-z0-9]{40,60}"),
    _prefixed("doppler-token", "dp.pt. dp.st. dp.ct.", r"[A-Za-z0-9._-]{40,80}"),
    _prefixed("age-key", "AGE-SECRET-KEY-1", r"[A-Z0-9]{40,80}"),
    # css and html are full of words such as sk-fading-circle-inner: a key has digits.
    Rule("sk-key", ("sk-",), re.compile(r"(?<![A-Za-z0-9_-])sk-[A-Za-z0-9_-]{20,255}"), _mixed),
    Rule(
        "json-web-token",
        ("eyJ",),
        re.compile(r"(?<![\w-])eyJ[\w-]{8,4000}+\.eyJ[\w-]{8,4000}+\.[\w-]{8,4000}", re.ASCII),
    ),
    Rule(
        "slack-webhook",
        ("hooks.slack.com/services/",),
        re.compile(r"hooks\.slack\.com/services/([A-Za-z0-9/_-]{20,100})"),
    ),
    Rule("account-key", ("AccountKey=",), re.compile(r"AccountKey=([A-Za-z0-9+/=]{40,128})")),
    # scheme://user:SECRET@host, and scheme://SECRET@host where it is too long for a user's name
    Rule(
        "url-password",
        ("://",),
        re.compile(
            r"""(?<=[A-Za-z0-9])://(?:[^\s/@:"'`<>]{0,200}:([^\s/"'`<>]{1,400})"""
            r"""|([^\s/@:"'`<>]{20,400}))@"""
        ),
        lambda value, _match: not _TEMPLATE.search(value),
    ),
    Rule(
        "authorization-header",
        ("bearer ", "basic "),
        re.compile(r"(?<![a-z])(?:bearer|basic) ([a-z0-9+/._~=-]{16,4000})"),
        _mixed,
        folded=True,
    ),
    Rule("assigned-secret", _KEYWORDS, _ASSIGNED, _assigned_secret, folded=True),
    Rule(PERSON, ("-by:",), _TRAILER, _somebody, folded=True),
)
