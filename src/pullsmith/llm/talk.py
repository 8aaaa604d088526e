"""What the adapters of providers share: reading errors of their SDKs in the door's words.

Takes exceptions and headers; gives faults, waits and short sentences. Knows no provider.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from pullsmith.llm.protocol import Fault

FOUND_CHARACTERS = 300
FAULTS = {
    401: Fault.WRONG_KEY,
    402: Fault.NO_CREDIT,
    403: Fault.WRONG_KEY,
    404: Fault.UNKNOWN_MODEL,
    408: Fault.TIMED_OUT,
    409: Fault.SERVER_ERROR,
    425: Fault.SERVER_ERROR,
    429: Fault.RATE_LIMITED,
    529: Fault.RATE_LIMITED,  # Anthropic: overloaded
}


def status_fault(status: int) -> Fault:
    """What an HTTP status says of an attempt."""
    return FAULTS.get(status, Fault.SERVER_ERROR if status >= 500 else Fault.BAD_REQUEST)


def connection_fault(error: BaseException) -> Fault:
    """A certificate that is wrong stays wrong; a connection that fails may be there again."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):  # a wrong certificate among them
            return Fault.UNTRUSTED
        cause = cause.__cause__ or cause.__context__
    return Fault.DISCONNECTED


def first_cause(error: BaseException) -> str:
    """What lies at the bottom of a failed connection."""
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return f"no answer: {str(cause) or type(cause).__name__}"[:FOUND_CHARACTERS]


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds, or a date; None where the header is missing or says neither."""
    value = headers.get("retry-after", "")
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(value).timestamp() - time.time()
    except ValueError:
        return None
