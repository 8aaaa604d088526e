"""Putting placeholders where the scan found something.

Takes the texts of one record one after the other; equal secrets get equal placeholders in all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pullsmith.errors import SecretError
from pullsmith.redact.gitleaks import NO_RULES, FileRules
from pullsmith.redact.rules import EMAIL, PERSON, PRIVATE_KEY
from pullsmith.redact.scan import Finding, scan_text


def mask(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` with a placeholder for every finding, and the rule of each.

    As many lines as before. Raises SecretError for a private key or too long a text.
    """
    masker = Masker()
    masked = masker.mask(text)
    return masked, tuple(masker.found)


@dataclass
class Masker:
    """Masks the texts of one record.

    Placeholders are ``<masked-KIND-N>``: KIND is secret, email or name, N counts from 1. They scan
    clean, so masking twice changes nothing. ``found`` has the rule of every masked span.
    """

    more: FileRules = NO_RULES
    found: list[str] = field(default_factory=list)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def mask(
        self,
        text: str,
        *,
        scanned: str | None = None,
        keep: Callable[[Finding], bool] = lambda _finding: False,
    ) -> str:
        """``text`` masked, but for the findings that ``keep`` wants.

        ``scanned`` is scanned in its place: just as long, with some characters blanked. Raises
        SecretError as ``scan_text`` does, and for a private key: its lines cannot be told from
        other base64.
        """
        parts, end = [], 0
        for finding in scan_text(text if scanned is None else scanned, self.more):
            if finding.rule_id == PRIVATE_KEY:
                raise SecretError("private_key", "a private key cannot be masked; drop the text")
            if keep(finding):
                continue
            secret = text[finding.start : finding.end]
            parts += [text[end : finding.start], self.placeholder(secret, finding.rule_id)]
            end = finding.end
        return "".join([*parts, text[end:]])

    def placeholder(self, secret: str, rule_id: str) -> str:
        """What stands for ``secret`` from now on; counts it as found by that rule."""
        self.found.append(rule_id)
        kind = {EMAIL: "email", PERSON: "name"}.get(rule_id, "secret")
        if (kind, secret) not in self._numbers:
            number = 1 + sum(known == kind for known, _ in self._numbers)
            self._numbers[kind, secret] = number
        return f"<masked-{kind}-{self._numbers[kind, secret]}>"
