"""What a repository is called: ``host/owner/name`` by its origin, else ``local:ROOTCOMMIT``.

Takes the configured address, which a hostile clone may have set to anything, and gives a name made
of harmless characters. Never a path of this machine, never a password.
"""

from __future__ import annotations

import re

from pullsmith.collect.git import Clone
from pullsmith.collect.history import History

_URL = re.compile(r"^(?:https?|ssh|git)://(?:[^/@]*@)?(?P<host>[^/:@]+)(?::\d+)?/(?P<path>.+)$")
_SCP = re.compile(r"^(?:[^/:@]+@)?(?P<host>[^/:@]+):(?P<path>[^/].*)$")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_PART = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")


def repository_name(clone: Clone, history: History) -> str:
    """The name that ids and splits use."""
    return name_of(clone.origin) or f"local:{history.root().id.decode()}"


def name_of(url: str) -> str:
    """``host/owner/name`` of a remote's address, without credentials, port and ``.git``.

    Empty for a path, a ``file://`` address and anything that is not plainly such an address.
    """
    match = _URL.match(url) or _SCP.match(url)
    if match is None:
        return ""
    host = match["host"].lower()
    parts = match["path"].strip("/").removesuffix(".git").split("/")
    if not _HOST.fullmatch(host) or len(parts) < 2 or not all(map(_PART.fullmatch, parts)):
        return ""
    return "/".join([host, *parts])
