"""Secrets, e-mail addresses and people's names in text: found, masked, counted.

Takes text, gives spans or masked text; knows no record and no stage. Fail-closed: what is too long
to scan, or holds a private key, raises SecretError instead of being passed on.
"""

from pullsmith.redact.gitleaks import NO_RULES, FileRules, read_rules
from pullsmith.redact.masking import Masker, mask
from pullsmith.redact.rules import EMAIL, PERSON, PERSONAL, PRIVATE_KEY, RULES_VERSION
from pullsmith.redact.scan import SCAN_LIMIT_CHARACTERS, Finding, scan_text

__all__ = [
    "EMAIL",
    "NO_RULES",
    "PERSON",
    "PERSONAL",
    "PRIVATE_KEY",
    "RULES_VERSION",
    "SCAN_LIMIT_CHARACTERS",
    "FileRules",
    "Finding",
    "Masker",
    "mask",
    "read_rules",
    "scan_text",
]
