"""``pullsmith serve`` as functions: which server, started how, checked by what.

Takes a model's name and an address; gives a running endpoint that was seen to read what was trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pullsmith.errors import StudyError
from pullsmith.llm.trained import TrainedModel
from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.ports import is_loopback, take_port
from pullsmith.serve.checks import Asker, Finding, check_endpoint, require
from pullsmith.serve.endpoint import make_endpoint
from pullsmith.serve.running import program, serving, url_of
from pullsmith.serve.vllm import find_vllm, need_vllm, vllm_command

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_VLLM_SECONDS = 1800.0  # large weights from a slow disk
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
Report = Callable[[str], None]


class Backend(StrEnum):
    """What computes."""

    AUTO = "auto"
    TRANSFORMERS = "transformers"
    VLLM = "vllm"


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = 8000


def _alive() -> bool:
    """A server that others watch."""
    return True


@dataclass(frozen=True)
class Running:
    """An endpoint that answers: its address, the model's name there, its window, its tokenizer."""

    url: str
    name: str
    window: int | None
    tokenizer: PreTrainedTokenizerBase | None
    contract: str = ""  # what it was trained in, where that is known
    alive: Callable[[], bool] = _alive

    @property
    def model(self) -> str:
        """The model as a study or ``try`` names it."""
        return f"{self.url}#{self.name}"


def chosen(backend: Backend) -> Backend:
    """The backend to use: vLLM where its program is on PATH, else transformers' server."""
    if backend is not Backend.AUTO:
        return backend
    return Backend.VLLM if find_vllm() else Backend.TRANSFORMERS


@contextmanager
def started(
    model: TrainedModel, name: str, address: Address, backend: Backend, *, window: int | None
) -> Iterator[Running]:
    """The endpoint of ``model`` inside the block.

    Raises OutsideError where the port is taken, MissingExtraError where the backend is not
    installed, StudyError for weights that cannot be loaded.
    """
    if chosen(backend) is Backend.VLLM:
        with _vllm(model, name, address, window) as running:
            yield running
        return
    with take_port(address.host, address.port) as bound:
        hosts = LOOPBACK_NAMES if is_loopback(address.host) else ("*",)
        made = make_endpoint(name, model.weights, hosts=hosts)
        with serving(made.app, bound) as thread:
            yield Running(
                url_of(bound), name, made.window, made.tokenizer, model.contract, thread.is_alive
            )


@contextmanager
def _vllm(
    model: TrainedModel, name: str, address: Address, window: int | None
) -> Iterator[Running]:
    need_vllm()
    with take_port(address.host, address.port) as free:
        url, port = url_of(free), free.getsockname()[1]
    command = vllm_command(name, model.weights, host=address.host, port=port, window=window)
    with program(command, url, patience_seconds=_VLLM_SECONDS):
        yield Running(url, name, window, _tokenizer(model), model.contract)


def _tokenizer(model: TrainedModel) -> PreTrainedTokenizerBase:
    from pullsmith.llm.weights import load_tokenizer, model_folder

    return load_tokenizer(model.weights.folder or model_folder(model.weights.base))


def running_elsewhere(text: str, *, window: int | None, trained: TrainedModel | None) -> Running:
    """The endpoint called ``http://HOST:PORT/v1#NAME``, which somebody else has started.

    With ``trained`` its tokens are compared with that model's. Raises StudyError for another name.
    """
    name = parse_model_name(text)
    if name.kind is not ModelKind.ENDPOINT or name.base_url is None:
        raise StudyError(f"{text!r} is no endpoint; write http://HOST:PORT/v1#NAME")
    if trained is None:
        return Running(name.base_url, name.target, window, None)
    return Running(name.base_url, name.target, window, _tokenizer(trained), trained.contract)


def findings_of(running: Running, *, key: str, long: bool, report: Report) -> Sequence[Finding]:
    """Every check of an endpoint, each reported as it is made."""
    found = []
    with Asker(running.url, running.name, key=key) as asker:
        for finding in check_endpoint(
            asker, tokenizer=running.tokenizer, window=running.window, long=long
        ):
            report(f"{mark(finding)} {finding.check}: {finding.said}")
            found.append(finding)
    return found


def mark(finding: Finding) -> str:
    """A word for how it went."""
    if not finding.ok:
        return "FAILED"
    return "look" if finding.doubtful else "ok"


def check_start(running: Running, *, key: str, report: Report, long: bool = False) -> None:
    """The checks before a server is called ready; raises TrainingError where one fails."""
    require(findings_of(running, key=key, long=long, report=report), running.model)
