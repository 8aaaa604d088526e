"""The curation page: a desk over HTTP, on this machine unless told otherwise. Needs the extra [curate]."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pullsmith.errors import MissingExtraError

if TYPE_CHECKING:
    from pullsmith.curate.desk import Desk


def serve(
    desk: Desk,
    *,
    host: str = "127.0.0.1",
    port: int = 8321,
    queue: str = "",
    report: Callable[[str], None],
) -> None:
    """Answer the page of ``desk`` until interrupted; port 0 takes a free one.

    ``report`` gets the address: on another host than loopback a link that opens once. Raises
    OutsideError where the port is taken, MissingExtraError without the extra [curate].
    """
    try:
        from pullsmith.curate.web.serving import serve_page
    except ImportError as error:
        raise MissingExtraError(
            f"the curation page cannot be shown here ({error}): pip install 'pullsmith[curate]'"
        ) from error
    serve_page(desk, host=host, port=port, queue=queue, report=report)
