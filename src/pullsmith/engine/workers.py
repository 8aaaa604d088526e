"""Running independent shards in worker processes.

Takes shards and a function of one shard, gives the results in the shards' order. The function
keeps what it makes on disk by itself: a shard that is lost is simply run again. Knows nothing of
what a shard is. How many processes run changes no result.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Protocol, TypeVar

from pullsmith.errors import OutsideError, PullsmithError

Report = Callable[[str], None]
SECONDS_TO_STOP = 5.0  # for a worker to end git and remove its temporary files
_SHOWN = 3  # failures named in one message


class Named(Protocol):
    """A shard: pickled on its way to a worker, named in messages."""

    @property
    def name(self) -> str:
        """What people call it."""


S = TypeVar("S", bound=Named)
R = TypeVar("R")
Work = Callable[[S, Report], R]  # a function of a module, so that a worker can import it


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def run_shards(shards: Sequence[S], work: Work[S, R], *, workers: int, report: Report) -> list[R]:
    """What ``work`` gives for each shard, in order; in this process where one worker is enough.

    An OutsideError waits until all other shards are done, because they need not be run again; so
    does a worker that was killed, which is raised as one. Any other error starts no further shard.
    """
    outcomes = Outcomes[R]()
    if min(workers, len(shards)) <= 1:
        for number, shard in enumerate(shards):
            outcomes.put(number, attempt(work, shard, report))
            if outcomes.hopeless:
                break
    else:
        _run_apart(shards, work, outcomes, min(workers, len(shards)), report)
    return outcomes.results()


class Outcomes(Generic[R]):
    """Results and errors by the shard's number."""

    def __init__(self) -> None:
        self.done: dict[int, R] = {}
        self.failed: dict[int, Exception] = {}

    def put(self, number: int, outcome: tuple[str, Any]) -> None:
        """Keep what ``attempt`` gave."""
        kind, value = outcome
        (self.done if kind == "done" else self.failed)[number] = value

    @property
    def hopeless(self) -> bool:
        """Whether running it again changes nothing, so that going on is a waste."""
        return any(not isinstance(error, OutsideError) for error in self.failed.values())

    def results(self) -> list[R]:
        """Raises the first error by the shards' order; several OutsideErrors become one."""
        errors = [self.failed[number] for number in sorted(self.failed)]
        for error in errors:
            if len(errors) == 1 or not isinstance(error, OutsideError):
                raise error
        if errors:
            said = "; ".join(map(str, errors[:_SHOWN]))
            raise OutsideError(f"{len(errors)} failed, the others are kept: {said}")
        return [self.done[number] for number in sorted(self.done)]


def attempt(work: Work[S, R], shard: S, report: Report) -> tuple[str, R | Exception]:
    """("done", what ``work`` gives) or ("failed", what it raised)."""
    try:
        return ("done", work(shard, report))
    except Exception as error:  # noqa: BLE001  # raised again by results(), with its shard's place
        return ("failed", error)


class _Worker(Generic[S, R]):
    """A process that runs one shard at a time, and our end of the pipe to it."""

    def __init__(self, work: Work[S, R]) -> None:
        spawn = multiprocessing.get_context("spawn")  # fork would copy threads and locks half-way
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(theirs, work), daemon=True)
        with _deaf_to_ctrl_c():
            self.process.start()
        theirs.close()  # so that its death ends our reading
        self.number = -1
        self.name = ""

    def give(self, number: int, shard: S) -> None:
        self.number, self.name = number, shard.name
        with suppress(OSError):  # it has died meanwhile: receive() says so
            self.pipe.send(shard)

    def receive(self) -> tuple[str, Any]:
        """("said", text), ("done", result) or ("failed", error); a dead worker has failed."""
        try:
            answer: tuple[str, Any] = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            return ("failed", OutsideError(self._death()))
        return answer

    def _death(self) -> str:
        code = self.process.exitcode or 0
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return (
            f"{self.name}: its worker process ended with {how} (out of memory?); what is finished "
            "is kept: run again to go on, with --workers 1 where memory is short"
        )

    def stop(self) -> None:
        self.pipe.close()
        self.process.terminate()

    def bury(self) -> None:
        self.process.join(SECONDS_TO_STOP)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


def _run_apart(
    shards: Sequence[S], work: Work[S, R], outcomes: Outcomes[R], workers: int, report: Report
) -> None:
    waiting = iter(enumerate(shards))
    everyone: list[_Worker[S, R]] = []
    busy: dict[Connection, _Worker[S, R]] = {}

    def hand_out(worker: _Worker[S, R] | None) -> None:
        given = None if outcomes.hopeless else next(waiting, None)
        if given is None:
            return
        if worker is None:
            worker = _Worker(work)
            everyone.append(worker)
        worker.give(*given)
        busy[worker.pipe] = worker

    try:
        for _ in range(workers):
            hand_out(None)
        while busy:
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]  # wait gives back what it was given
                kind, value = worker.receive()
                if kind == "said":
                    report(value)
                    continue
                del busy[worker.pipe]
                outcomes.put(worker.number, (kind, value))
                hand_out(worker if worker.process.is_alive() else None)
    finally:
        for worker in everyone:
            worker.stop()
        for worker in everyone:
            worker.bury()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal: workers are ended by us, so they must ignore it.

    A process started here ignores it from its first moment, and so does the git it runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does, and only it gets Ctrl-C
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(pipe: Connection, work: Work[S, R]) -> None:
    """A worker's life: shards in, answers out, until the pipe closes or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    threading.Thread(target=_follow_parent, daemon=True).start()
    while True:
        try:
            shard = pipe.recv()
        except (EOFError, OSError):
            # Nothing is left to unwind, and an exit on the way out would be printed.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return
        kind, value = attempt(work, shard, lambda text: pipe.send(("said", text)))
        pipe.send((kind, portable(value) if isinstance(value, Exception) else value))


def _leave(_signal: int, _frame: object) -> None:
    """SIGTERM unwinds the stack, so that git is ended and temporary folders are removed."""
    raise SystemExit(128 + signal.SIGTERM)


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def portable(error: Exception) -> Exception:
    """The error as it can be sent; with its traceback, where it is nothing raised on purpose."""
    if not isinstance(error, PullsmithError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  # exceptions with arguments of their own do not pickle
        copy = None
    if type(copy) is type(error):
        return error
    kinds = (OutsideError, PullsmithError, RuntimeError)
    kind = next((kind for kind in kinds if isinstance(error, kind)), RuntimeError)
    return kind(f"{type(error).__name__}: {error}")
