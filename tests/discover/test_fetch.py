"""Addresses: fetched from a loopback server that misbehaves on purpose."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pullsmith.discover import FileState, discover
from pullsmith.errors import OutsideError
from tests.discover.hours import full, hour


class Archive:
    """A server of hour files; ``asked`` counts the requests by path."""

    def __init__(self, files: Path) -> None:
        self.files, self.asked = files, Counter[str]()
        archive = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                archive.asked[self.path] += 1
                archive.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        what, _, name = handler.path.lstrip("/").partition("/")
        path = self.files / name
        content = path.read_bytes() if path.is_file() else b"<html>nothing here</html>"
        first = self.asked[handler.path] == 1
        status = {"gone": 404, "broken": 500, "elsewhere": 302}.get(what, 200)
        if what == "busy-once" and first:
            status = 503
        length = len(content) + (100 if what == "short" or (what == "short-once" and first) else 0)
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", f"{self.address}/good/{name}")
        if status == 503:
            handler.send_header("Retry-After", "7")
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    folder = tmp_path / "served"
    folder.mkdir()
    for number in range(3):
        hour(folder, f"2025-01-01-{number}", full(number))
    made = Archive(folder)
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_addresses_and_paths_are_read_together(archive: Archive, tmp_path: Path) -> None:
    path = hour(tmp_path, "2025-01-01-3", full(9))
    urls = [f"{archive.address}/good/2025-01-01-{n}.json.gz" for n in range(3)]
    listed = discover([*urls, str(path)])
    assert listed.repositories[0].merged == 4
    assert listed.missing_hours == ()
    assert sum(archive.asked.values()) == 3


@pytest.mark.parametrize(("way", "waits"), [("busy-once", [7.0]), ("short-once", [1.0])])
def test_what_passes_is_tried_again(archive: Archive, way: str, waits: list[float]) -> None:
    slept: list[float] = []
    listed = discover([f"{archive.address}/{way}/2025-01-01-0.json.gz"], sleep=slept.append)
    assert listed.files[0].state is FileState.READ
    assert slept == waits


@pytest.mark.parametrize(
    ("way", "tries", "said"),
    [
        ("gone", 1, r"the server said 404 Not Found \(1 try\)"),
        ("broken", 3, r"the server said 500 Internal Server Error \(3 tries\)"),
        ("short", 3, r"\(3 tries\)"),
        (
            "elsewhere",
            1,
            r"redirects to http://127.0.0.1:\d+/good/2025-01-01-0.json.gz; give that address",
        ),
    ],
)
def test_what_cannot_be_had_is_named_and_ends_the_run_only_when_alone(
    archive: Archive, way: str, tries: int, said: str
) -> None:
    bad = f"{archive.address}/{way}/2025-01-01-0.json.gz"
    with pytest.raises(OutsideError, match=said) as failed:
        discover([bad], sleep=lambda _: None)
    assert failed.value.exit_code == 3
    assert archive.asked == {f"/{way}/2025-01-01-0.json.gz": tries}
    listed = discover([bad, f"{archive.address}/good/2025-01-01-1.json.gz"], sleep=lambda _: None)
    assert [file.state for file in listed.files] == [FileState.NOT_FETCHED, FileState.READ]
    assert listed.missing_hours == ("2025-01-01-0",)


def test_a_page_instead_of_an_archive_is_seen_to_be_one(archive: Archive) -> None:
    listed = discover(
        [f"{archive.address}/good/nothing.json.gz", f"{archive.address}/good/2025-01-01-0.json.gz"]
    )
    assert sorted(file.state for file in listed.files) == [FileState.HTML, FileState.READ]


def test_nobody_there(archive: Archive) -> None:
    archive.server.server_close()
    with pytest.raises(OutsideError, match="run the same command again"):
        discover([f"{archive.address}/good/2025-01-01-0.json.gz"], sleep=lambda _: None)


def test_a_password_in_an_address_is_never_shown(archive: Archive) -> None:
    with pytest.raises(OutsideError) as failed:
        discover([archive.address.replace("//", "//me:secret@") + "/gone/x.json.gz"])
    assert "secret" not in str(failed.value)
