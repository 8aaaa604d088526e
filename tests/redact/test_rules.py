"""Each rule: a text it finds something in, the very span, and a twin it leaves alone.

Secrets are put together at run time, so that this file itself scans clean.
"""

from __future__ import annotations

import pytest

from pullsmith.redact import EMAIL, PERSON, PRIVATE_KEY, scan_text

DRAWN = "k3Jd82hsQ0" * 6  # letters and digits, as a drawn value has them


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.rule_id, text[finding.start : finding.end]) for finding in scan_text(text)]


@pytest.mark.parametrize(
    ("rule_id", "secret", "twin"),
    [
        ("aws-key-id", "AKIA" + "ABCD" * 4, "AKIA" + "ABCD" * 5),
        ("github-token", "ghp_" + DRAWN[:36], "xghp_" + DRAWN[:36]),
        ("gitlab-token", "glpat-" + DRAWN[:20], "glpat-" + DRAWN[:9]),
        ("slack-token", "xoxb-" + "1234567890-abc", "xoxb-1"),
        ("stripe-key", "sk_live_" + DRAWN[:24], "sk_lively_" + DRAWN[:24]),
        ("google-key", "AIza" + DRAWN[:35], "AIza" + DRAWN[:36]),
        ("npm-token", "npm_" + DRAWN[:36], "npm_config_registry_and_other_settings_of_it"),
        ("pypi-token", "pypi-AgE" + DRAWN, "pypi-AgEnda"),
        ("hub-token", "hf_" + DRAWN[:34], "hf_hub_download_of_a_model_with_a_name"),
        ("sendgrid-key", "SG." + DRAWN[:22] + "." + DRAWN[:43], "SG." + DRAWN[:5]),
        ("docker-token", "dckr_pat_" + DRAWN[:27], "dckr_pat_" + DRAWN[:5]),
        ("age-key", "AGE-SECRET-KEY-1" + "QPZR" * 14, "AGE-SECRET-KEY-1" + "QPZR"),
        ("digitalocean-token", "dop_v1_" + "0123abcd" * 8, "dop_v1_" + "0123abcd"),
        ("sk-key", "sk-" + DRAWN[:40], "sk-fading-circle-inner-element"),
        ("json-web-token", "eyJ" + DRAWN[:20] + ".eyJ" + DRAWN + "." + DRAWN, "eyJ" + DRAWN),
    ],
)
def test_keys_of_providers(rule_id: str, secret: str, twin: str) -> None:
    assert found(f"send({secret})") == [(rule_id, secret)]
    assert found(f"send({twin})") == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('password = "hunter2"', "hunter2"),
        ("PASSWORD: str = 'letmein'", "letmein"),
        ('"api_key": "zz-12"', "zz-12"),
        ("config['db_password'] = 'abc 1' or 'abc1'", ""),  # a value with blanks is not known
        ("login(name, passwd=b'a1b2c3')", "a1b2c3"),
        ('if client_secret == "a1b2c3":', "a1b2c3"),
        ("secretKey := `a1b2c3`", "a1b2c3"),
        ('token = "k3Jd82hs"', "k3Jd82hs"),
        ('token = "IDENTIFIER"', ""),  # a lexer's
        ('auth_token = "IDENTIFIER"', "IDENTIFIER"),
        ('password = f"{first}-{second}"', ""),
        ('password = "${PASSWORD}"', ""),
        ('password = "<your password>"', ""),
        ('password = "%(password)s"', ""),
        ('password = "****"', ""),
        ('secret_id = "csrf_secret"', ""),  # a name, not a value
        ('password_field = "hunter2"', ""),
        ('tokenizer = "k3Jd82hs"', ""),
        ('credentials = "/run/secrets/db.json"', ""),
        ('secret_key = "/aB3dE6gH9kL2nP5rS8uV1"', "/aB3dE6gH9kL2nP5rS8uV1"),
        ('password = ""', ""),
        ('x(password="",token="k3Jd82hs")', "k3Jd82hs"),
        ("export DB_PASSWORD=hunter2\n", "hunter2"),
        ("DB_PASSWORD=hunter2  # prod", "hunter2"),
        ("f(password=password)", ""),
        ("password: hunter2-and-more\n", "hunter2-and-more"),
        ("token: Token2Kind\n", ""),
        ("password = get_password2()", ""),
    ],
)
def test_values_under_a_telling_name(text: str, secret: str) -> None:
    assert found(text) == ([("assigned-secret", secret)] if secret else [])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgres://me:pw1@db.acme.io/x", "pw1"),
        ("https://me:p@ss@acme.io", "p@ss"),
        (f"https://{DRAWN[:32]}@errors.acme.io/7", DRAWN[:32]),
        ("https://me@acme.io/x:y@z", ""),
        ("https://{user}:{password}@acme.io", ""),
        ("ssh://git@acme.io:22/x", ""),
    ],
)
def test_passwords_in_addresses(text: str, secret: str) -> None:
    expected = [("url-password", secret)] if secret else []
    assert [pair for pair in found(text) if pair[0] != EMAIL] == expected


def test_the_host_behind_a_password_is_no_mail_address() -> None:
    assert found("https://me:pw@acme.io") == [("url-password", "pw")]


def test_headers_hooks_and_accounts() -> None:
    assert found(f"Authorization: Bearer {DRAWN[:20]}") == [("authorization-header", DRAWN[:20])]
    assert found("a bearer of-very-good-news-for-all") == []
    hook = "T0001/B0002/" + DRAWN[:24]
    assert found(f"https://hooks.slack.com/services/{hook}") == [("slack-webhook", hook)]
    assert found(f"AccountKey={DRAWN}==;x") == [("account-key", f"{DRAWN}==")]


@pytest.mark.parametrize("kind", ["", "RSA ", "OPENSSH ", "ENCRYPTED "])
def test_private_keys(kind: str) -> None:
    header = "-----BEGIN " + kind + "PRIVATE KEY-----"
    assert found(f"x\n{header}\nMIIB\n") == [(PRIVATE_KEY, header)]
    assert found(header.replace("PRIVATE", "PUBLIC")) == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mail jane.doe+x@acme.co.uk.", "jane.doe+x@acme.co.uk"),
        ("+jane@acme.io", "jane@acme.io"),
        ("jane@example.com or joe@host.invalid", ""),
        ("git@github.com:acme/x.git", ""),
        ("noreply@acme.io", ""),
        ("icon@2x.png", ""),
        ("a @b.route('/')", ""),
        ("left@right.transpose(1)", ""),
        ("lodash@4.17.21", ""),
    ],
)
def test_mail_addresses(text: str, address: str) -> None:
    assert found(text) == ([(EMAIL, address)] if address else [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Signed-off-by: Jane Q. Doe <jane@acme.io>", "Jane Q. Doe"),
        ("co-authored-by: Ünal Ög\n", "Ünal Ög"),
        ("Reviewed-by: @jane", "@jane"),
        ("Reviewed-by: https://acme.io/7", ""),
        ("Co-authored-by: renovate[bot] <1+bot@users.noreply.acme.io>", ""),
        ("Order-by: Name", ""),
        ("__author__ = 'Jane Doe <jane@acme.io>'", "Jane Doe"),
        ("write to the list <list@acme.io>", ""),
    ],
)
def test_names_in_trailers_and_before_addresses(text: str, name: str) -> None:
    names = [value for rule_id, value in found(text) if rule_id == PERSON]
    assert names == ([name] if name else [])
