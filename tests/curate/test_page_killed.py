"""A server killed in the middle, a second one, a port that is taken: no decision is lost, or made twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pullsmith.curate.web import serve
from pullsmith.decisions import FILE_NAME, read_decisions
from pullsmith.errors import OutsideError
from pullsmith.ports import LOOPBACK, take_port
from tests.browsed import opened
from tests.curate import made
from tests.curate.asking import ask, entered, post
from tests.curate.keys import decided, enter, on, press, said
from tests.curate.pages import served

ROOT = Path(__file__).parents[2]


@contextmanager
def server(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The page of a run in a process of its own, once it has said its address."""
    command = [sys.executable, "-m", "tests.curate.server", str(folder), str(port)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"open http://127.0.0.1:{port}/\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def edit(page: Page) -> None:
    """Begin a fix that may be kept, and do not keep it yet."""
    press(page, "f")
    text = page.locator("#edit").input_value()
    press(page, "Control+a")
    page.keyboard.insert_text(text.replace("Better.", "Mended.").replace("It hides", "That hides"))
    expect(page.locator("[data-do=save]")).to_be_enabled()


def test_kill_9_loses_nothing_that_was_decided_and_what_was_being_typed_waits(
    browser: Browser, tmp_path: Path
) -> None:
    made.to_clean(tmp_path, count=5, clean={"review": 20})
    path = tmp_path / "runs" / "test" / FILE_NAME
    with take_port(LOOPBACK, 0) as free:
        port = free.getsockname()[1]
    page = browser.new_page()  # its console says that the server is gone, as it should
    with server(tmp_path, port) as process:
        page.goto(f"http://127.0.0.1:{port}/clean")
        enter(page)
        kept = [decided(page, "k") for _ in range(3)]
        edit(page)
        name = on(page)
        process.send_signal(signal.SIGKILL)
        process.wait()
        press(page, "Control+Enter")
        said(page, "The server does not answer. Nothing you typed is lost")
        assert on(page) == name
    assert [one.record_id for one in read_decisions(path).lines] == kept
    with server(tmp_path, port) as again:
        press(page, "Control+Enter")  # the name is known, the text is there, nothing is asked again
        said(page, "Fix kept.")
        decided(page, "k")
        lines = read_decisions(path).lines
        assert [one.action.value for one in lines] == ["keep", "keep", "keep", "fix", "keep"]
        assert lines[3].record_id == name
        assert {one.who for one in lines} == {"Anna"}
        again.send_signal(signal.SIGINT)  # Ctrl-C, as a person ends it
        assert again.wait() == 0
    page.context.close()


def test_an_edit_is_left_only_if_somebody_says_what_becomes_of_it(
    browser: Browser, tmp_path: Path
) -> None:
    desk = made.desk(made.to_clean(tmp_path))
    with served(desk) as page_of, opened(browser, f"{page_of.url}/clean") as page:
        enter(page)
        name = on(page)
        edit(page)
        tab_out = page.locator("#edit").evaluate("field => field.blur()")
        assert tab_out is None
        press(page, "n")
        expect(page.locator("#leave")).to_be_visible()
        press(page, "s")
        assert on(page) == name
        press(page, "n")
        decided(page, "d")
        press(page, "b")
        said(page, "Your draft from before is back")
        assert "Mended." in page.locator("#edit").input_value()
        page.locator("#edit").evaluate("field => field.blur()")
        asked: list[str] = []

        def stay(dialog: object) -> None:
            asked.append(dialog.type)  # type: ignore[attr-defined]
            dialog.accept()  # type: ignore[attr-defined]

        page.on("dialog", stay)
        page.reload()
        assert asked == ["beforeunload"]
        said(page, "Your draft from before is back")
        page.locator("#edit").evaluate("field => field.blur()")
        press(page, "n")
        decided(page, "x")
        press(page, "b")
        page.locator(f'#item[data-name="{name}"]').wait_for()
        assert page.locator("#edit").input_value() == desk.clean.item(name).text
        assert desk.book.read().lines == ()


def test_two_servers_on_one_run_see_each_others_decisions(tmp_path: Path) -> None:
    asked = made.to_clean(tmp_path)
    with served(made.desk(asked)) as one, served(made.desk(asked)) as other:
        desk = made.desk(asked)
        for page, who, name in ((one, "Anna", 0), (other, "Ben", 1)):
            item = desk.clean.item(desk.clean.names()[name])
            told = {"queue": "clean", "action": "keep", "name": item.name, "digest": item.digest}
            assert post(page, "/decide", told, Cookie=entered(page, who)).status == 200
        for page in (one, other):
            assert (
                "2/2" in ask(page, "/part/side?queue=clean", headers={"Cookie": entered(page)}).text
            )


def test_a_port_that_is_taken_is_one_error_that_says_what_to_do(tmp_path: Path) -> None:
    desk, said_ = made.desk(made.to_clean(tmp_path)), list[str]()
    with served(desk) as page, pytest.raises(OutsideError, match=f"{page.port} cannot .* --port"):
        serve(desk, port=page.port, report=said_.append)
    assert said_ == []
