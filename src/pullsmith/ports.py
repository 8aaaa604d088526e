"""Addresses to listen on: whether only this machine reaches them, and a port taken before work begins.

Takes a host and a port, gives a bound socket. Knows no server: what answers there is its user's.
"""

from __future__ import annotations

import ipaddress
import socket

from pullsmith.errors import OutsideError

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether only this machine can ask a server at ``host``, an address or a name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # another name may mean anything
        return False


def take_port(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 takes a free one. Raises OutsideError where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    # A port of a server that has just ended may be taken; one that is listened on may not.
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        raise OutsideError(
            f"{host}:{port} cannot be listened on: {error.strerror or error}; "
            "is another server there? choose another with --port"
        ) from error
    return taken
