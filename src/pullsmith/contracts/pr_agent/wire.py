"""Answers of PR-Agent on the wire: what the contract object asks of this package, in one place."""

from pullsmith.contracts.pr_agent.lenient import read_leniently
from pullsmith.contracts.pr_agent.strict import (
    FORMS,
    limit_faults,
    read_answer,
    usual_fields,
    write_answer,
)

__all__ = [
    "FORMS",
    "limit_faults",
    "read_answer",
    "read_leniently",
    "usual_fields",
    "write_answer",
]
