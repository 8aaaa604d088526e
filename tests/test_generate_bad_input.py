"""``pullsmith generate`` when something is wrong outside: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pullsmith.cli import main
from pullsmith.llm.journal import Journal
from pullsmith.records import Answer
from pullsmith.rows import read_rows
from tests.llm.server import How, Reply, completion, failure, serving

STUDY = """
name = "s"
student = [{{ model = "tiny", contract = "compact-1" }}]
teacher = [{{ model = "{model}", contract = "compact-1", {settings} }}]
eval.per_tool = 1
collect.sources = [{{ planted = "stdlib", count = 12 }}]
{more}
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered")
    path = write(folder, "scripted:x")
    done = CliRunner().invoke(main, ["run", str(path), "--until", "render"])
    assert done.exit_code == 0, done.output
    return folder


def write(folder: Path, model: str, settings: str = "tries = 2", more: str = "") -> Path:
    path = folder / "s.toml"
    path.write_text(STUDY.format(model=model, settings=settings, more=more))
    return path


def study(
    rendered: Path, folder: Path, model: str, settings: str = "tries = 2", more: str = ""
) -> Path:
    """The rendered run with another teacher."""
    shutil.copytree(rendered, folder, dirs_exist_ok=True)
    return write(folder, model, settings, more)


def generate(path: Path, *, stage: str = "generate") -> Result:
    return CliRunner().invoke(main, [stage, str(path)])


def said(done: Result) -> str:
    """The one line of the error."""
    (line,) = (row for row in done.output.splitlines() if row.startswith("pullsmith: "))
    assert "Traceback" not in done.output
    return line


def answers(folder: Path) -> list[Answer]:
    shards = sorted((folder / "runs" / "s" / "generate").glob("rows-*.parquet"))
    return [row for shard in shards for row in read_rows(shard, Answer)]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_missing_key(rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    path = study(rendered, tmp_path, "openai:gpt-4.1", 'training = "allowed"')
    done = generate(path)
    assert done.exit_code == 1
    assert "OPENAI_API_KEY is not set; export OPENAI_API_KEY=" in said(done)


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (failure(401, "invalid_api_key"), "status 401"),
        (failure(404, "model_not_found"), "status 404"),
        (failure(402, "insufficient_quota"), "status 402"),
    ],
)
def test_what_no_retry_mends(rendered: Path, tmp_path: Path, reply: Reply, found: str) -> None:
    with serving(lambda _: reply) as server:
        done = generate(study(rendered, tmp_path, server.model))
        assert done.exit_code == 3
        assert server.url in said(done)
        assert found in said(done)
        assert "run the same command again to go on" in said(done)
        assert len(server.calls) <= 16


def test_an_endpoint_that_is_down(rendered: Path, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    done = generate(study(rendered, tmp_path, f"{url}#small"))
    assert done.exit_code == 3
    assert url in said(done)
    assert "run the same command again to go on" in said(done)


def test_an_endpoint_that_never_answers(rendered: Path, tmp_path: Path) -> None:
    with serving(lambda _: Reply(how=How.HANG)) as server:
        done = generate(study(rendered, tmp_path, server.model, "timeout_seconds = 0.3"))
        assert done.exit_code == 3
        assert "nothing came back for" in said(done)


def plain(listener: socket.socket) -> None:
    """Answers in plain HTTP whatever comes."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def test_an_endpoint_that_speaks_no_tls(rendered: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=plain, args=(listener,), daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        done = generate(study(rendered, tmp_path, f"{url}#small"))
        listener.shutdown(socket.SHUT_RDWR)
    assert done.exit_code == 3
    assert url in said(done)
    assert "SSL" in said(done)


def test_prompts_longer_than_the_window_are_not_sent(rendered: Path, tmp_path: Path) -> None:
    with serving() as server:
        done = generate(study(rendered, tmp_path, server.model, "window_tokens = 2060"))
        assert done.exit_code == 0
        assert not server.calls
    rows = answers(tmp_path)
    assert {row.outcome for row in rows} == {"over_budget"}
    line = f"{len(rows)} calls have no answer (over_budget), the first: about "
    assert line in done.output
    assert "do not fit the model's window of 2060; nothing was sent" in done.output


def test_a_price_that_nobody_knows(rendered: Path, tmp_path: Path) -> None:
    with serving() as server:
        path = study(rendered, tmp_path, server.model)
        done = generate(path)
        assert done.exit_code == 0
        assert "price unknown" in done.output + generate(path, stage="status").output
        assert {row.cost_usd for row in answers(tmp_path)} == {None}
        write(tmp_path, server.model, more="budget_usd = 5")
        shutil.rmtree(tmp_path / "runs/s/generate")
        done = generate(path)
        assert done.exit_code == 1
        assert "nobody knows its price" in said(done)


def test_a_budget_smaller_than_the_estimate(rendered: Path, tmp_path: Path) -> None:
    with serving() as server:
        price = "price = { input = 1, output = 1000 }"
        path = study(rendered, tmp_path, server.model, price, "budget_usd = 1")
        done = generate(path, stage="estimate")
        assert done.exit_code == 1
        assert "budget_usd = 1 is less than the $" in said(done)
        done = generate(path)
        assert done.exit_code == 1
        assert "budget_usd = 1: $0.0000 is spent and the next call to" in said(done)
        assert "raise budget_usd to go on" in said(done)
        assert not server.calls


CLIENT = """
import resource, sys
from pullsmith.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), -1))
main()
"""


def test_a_full_disk(rendered: Path, tmp_path: Path) -> None:
    """The limit on the size of a file is to SQLite what a full disk is."""
    with serving(lambda _: completion("x" * 20_000)) as server:
        path = study(rendered, tmp_path, server.model, "concurrency = 2")
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, "200000", "generate", str(path)],
            check=False,
            capture_output=True,
            text=True,
        )
        with Journal(tmp_path / "runs/s/journal.sqlite") as journal:
            kept = sum(1 for _, answer in journal.read() if answer)
        assert done.returncode == 3
        assert kept
        assert generate(path, stage="status").exit_code == 0
        asked = len(server.calls)
        again = generate(path)
        assert again.exit_code == 0
        rows = answers(tmp_path)
        assert len(server.calls) - asked == len(rows) - kept
