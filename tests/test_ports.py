"""Ports that are taken, and who can reach them."""

from __future__ import annotations

import pytest

from pullsmith.errors import OutsideError
from pullsmith.ports import LOOPBACK, is_loopback, take_port


def test_a_port_that_is_listened_on_is_refused_with_what_to_do_and_a_free_one_is_not() -> None:
    with take_port(LOOPBACK, 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(OutsideError, match=f"{port} cannot be listened on.*--port"):
            take_port(LOOPBACK, port)
    take_port(LOOPBACK, port).close()


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(OutsideError, match=r"192\.0\.2\.1:8000 cannot be listened on"):
        take_port("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.0.0.9", True),
     ("127.1.example.org", False), ("0.0.0.0", False), ("10.0.0.1", False), ("example.org", False)],
)  # fmt: skip
def test_which_hosts_are_this_machine_only(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
