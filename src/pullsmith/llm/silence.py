"""An endpoint that says nothing: when to stop waiting for it.

Takes what attempts came to; raises when the endpoint is taken for gone. Without it an endpoint that
accepts and never answers costs every call all its tries, each as long as the time-out. Knows no model.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from pullsmith.llm.protocol import AttemptError, Fault

LEAST_ATTEMPTS = 3


class Silence:
    """How long it has lasted. ``now`` is the clock, ``timeout_seconds`` the role's."""

    def __init__(
        self, timeout_seconds: float, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing was asked yet."""
        self._timeout_seconds = timeout_seconds
        self._now = now
        self._attempts = 0
        self._since = 0.0

    def broken(self) -> None:
        """A reply came, whatever it says."""
        self._attempts = 0

    def fault(self, fault: AttemptError) -> None:
        """Count an attempt that failed.

        Raises AttemptError GONE when time-outs, three or more and with no reply between them, have
        gone on for twice the time one attempt may take.
        """
        if fault.fault is Fault.DISCONNECTED:
            return  # neither a reply nor a time-out
        if fault.fault is not Fault.TIMED_OUT:
            self.broken()
            return
        if not self._attempts:
            self._since = self._now() - self._timeout_seconds
        self._attempts += 1
        seconds = self._now() - self._since
        if self._attempts >= LEAST_ATTEMPTS and seconds >= 2 * self._timeout_seconds:
            found = (
                f"nothing came back for {seconds:.3g} seconds, {self._attempts} attempts in a row "
                f"(timeout_seconds = {self._timeout_seconds:g}); see that it is running and can be "
                "reached, or raise timeout_seconds where answers take longer"
            )
            raise AttemptError(Fault.GONE, where=fault.where, found=found) from fault
