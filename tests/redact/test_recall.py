"""Five hundred drawn tokens of 25 kinds, planted in code: at least 95 in 100 are masked."""

from __future__ import annotations

import random
import string
from collections import Counter
from collections.abc import Callable

from pullsmith.redact import mask

ALNUM, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits
Draw = Callable[[str, int], str]
# Put together at run time, so that this file scans clean.
KINDS: dict[str, Callable[[Draw], str]] = {
    "aws id": lambda d: "AKIA" + d(UPPER, 16),
    "github": lambda d: "gh" + "p_" + d(ALNUM, 36),
    "github fine-grained": lambda d: "github" + "_pat_" + d(ALNUM, 22) + "_" + d(ALNUM, 59),
    "gitlab": lambda d: "glpat" + "-" + d(ALNUM, 20),
    "slack": lambda d: f"xoxb-{d('123456789', 12)}-{d('123456789', 12)}-{d(ALNUM, 24)}",
    "slack hook": lambda d: (
        f"https://hooks.slack.com/services/T{d(UPPER, 8)}/B{d(UPPER, 8)}/{d(ALNUM, 24)}"
    ),
    "stripe": lambda d: "sk_live" + "_" + d(ALNUM, 24),
    "google": lambda d: "AIza" + d(ALNUM + "_-", 34) + d(ALNUM, 1),
    "npm": lambda d: "npm" + "_" + d(ALNUM, 36),
    "pypi": lambda d: "pypi-AgE" + d(ALNUM + "_-", 80),
    "hub": lambda d: "hf" + "_" + d(ALNUM, 34),
    "sendgrid": lambda d: f"SG.{d(ALNUM, 22)}.{d(ALNUM, 43)}",
    "openai": lambda d: "sk" + "-proj-" + d(ALNUM, 48),
    "anthropic": lambda d: "sk" + "-ant-api03-" + d(ALNUM + "_-", 80),
    "digitalocean": lambda d: "dop" + "_v1_" + d(HEX, 64),
    "docker": lambda d: "dckr" + "_pat_" + d(ALNUM, 27),
    "shopify": lambda d: "shpat" + "_" + d(HEX, 32),
    "grafana": lambda d: "glsa" + "_" + d(ALNUM, 32) + "_" + d(HEX, 8),
    "vault": lambda d: "hvs" + "." + d(ALNUM, 90),
    "databricks": lambda d: "dapi" + d(HEX, 32),
    "jwt": lambda d: f"eyJ{d(ALNUM, 30)}.eyJ{d(ALNUM, 60)}.{d(ALNUM + '_-', 43)}",
    "azure": lambda d: f"AccountKey={d(ALNUM + '+/', 86)}==",
    "database url": lambda d: f"postgres://app:{d(ALNUM, 16)}@db.acme.io/x",
    "bearer": lambda d: f"Authorization: Bearer {d(ALNUM, 40)}",
    "password": lambda d: f'db_password = "{d(ALNUM, 14)}"',
}
PLACES = (
    "KEY = '{}'\n", 'client = connect("{}", timeout=3)\n', "export KEY={}\n", "  key: {}\n",
    "# was {} before\n", "<a href='{}'>\n",
)  # fmt: skip


def secret_of(token: str) -> str:
    """The part that must not be read: what stands behind a telling name or scheme."""
    for before, after in (("AccountKey=", ""), ("app:", "@"), ("Bearer ", ""), ('= "', '"')):
        if before in token:
            rest = token.partition(before)[2]
            return rest.partition(after)[0] if after else rest
    return token.rpartition("/services/")[2]


def missed_of(tokens: int) -> Counter[str]:
    """How many of so many drawn tokens are still there after masking, for every kind."""
    draws = random.Random(20)

    def draw(letters: str, count: int) -> str:
        return "".join(draws.choices(letters, k=count))

    missed = Counter(dict.fromkeys(KINDS, 0))
    for number in range(tokens):
        kind = list(KINDS)[number % len(KINDS)]
        token = KINDS[kind](draw)
        text = "def f(x):\n    return x\n" + draws.choice(PLACES).format(token) + "x = 1\n"
        missed[kind] += secret_of(token) in mask(text)[0]
    return missed


def test_recall_on_500_planted_tokens() -> None:
    assert len(KINDS) == 25
    missed = missed_of(500)
    assert (500 - sum(missed.values())) / 500 >= 0.95, +missed
