"""``serve``: an OpenAI-compatible endpoint for a trained model, and checks of any endpoint."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pullsmith.models.names import ModelKind, parse_model_name
from pullsmith.visible import visible

if TYPE_CHECKING:
    from pullsmith.llm.trained import TrainedModel
    from pullsmith.serve.command import Running

ITSELF, PR_AGENT = "endpoint", "pr-agent"
_KEY = "PULLSMITH_API_KEY"
_WATCH_SECONDS = 0.5


@click.command()
@click.argument("model", required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen. Nobody is asked for a key: another host than this machine is for networks you trust.")  # fmt: skip
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")  # fmt: skip
@click.option("--name", help="What the model is called there; its own name unless given.")
@click.option("--backend", default="auto", show_default=True, type=click.Choice(["auto", "transformers", "vllm"]), help="auto is vLLM where it is on PATH.")  # fmt: skip
@click.option("--window", type=click.IntRange(min=64), metavar="TOKENS", help="The window to allocate (vLLM) or to find (--check).")  # fmt: skip
@click.option("--print", "only_print", is_flag=True, help="Print vLLM's command; start nothing.")
@click.option("--check", "checks", multiple=True, metavar="endpoint|pr-agent|URL#NAME", help="Check and end: the endpoint of MODEL, PR-Agent against it, or an endpoint that runs.")  # fmt: skip
@click.option("--pr-agent", type=click.Path(path_type=Path), metavar="FOLDER", help="The environment PR-Agent is installed in; else the one of pr-agent on PATH.")  # fmt: skip
@click.option("--range", "commits", metavar="BASE..HEAD", help="What PR-Agent is asked about, in the repository you stand in; a small change of ours unless given.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what the checks found as JSON.")
@click.pass_context
def serve(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context, model: str | None, host: str, port: int, name: str | None, backend: str,
    window: int | None, only_print: bool, checks: tuple[str, ...], pr_agent: Path | None,
    commits: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Serve MODEL: STUDY.toml#STUDENT, runs/STUDY/train/CELL, ./FOLDER, an adapter, hf:ORG/NAME or tiny.

    Before it is called ready, the server must count the tokens of some odd prompts as training did.
    """
    from pullsmith.serve.command import Address, Backend

    if model is None and not any(_is_url(check) for check in checks):
        raise click.UsageError("name a MODEL, or an endpoint: --check URL#NAME")
    if only_print:
        _print_command(str(model), name, Address(host, port), window)
        return
    if not checks:
        _serve(ctx, str(model), name, Address(host, port), Backend(backend), window)
        return
    # Nobody else asks a server that only lives for its checks, so any free port will do.
    told: dict[str, object] = {}
    with _endpoint(model, name, checks, Backend(backend), window) as running:
        if any(check != PR_AGENT for check in checks):
            told["findings"] = _findings(running)
        if PR_AGENT in checks:
            told["pr_agent"] = _ask_pr_agent(running, pr_agent, commits, quiet=as_json)
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    if not _all_well(told):
        ctx.exit(1)


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _named(model: TrainedModel, name: str | None) -> str:
    return name or model.label


def _print_command(model: str, name: str | None, address: object, window: int | None) -> None:
    from pullsmith.llm.trained import trained_model
    from pullsmith.serve.command import Address
    from pullsmith.serve.vllm import vllm_command

    assert isinstance(address, Address)
    found = trained_model(model)
    command = vllm_command(
        _named(found, name), found.weights, host=address.host, port=address.port, window=window
    )
    click.echo(shlex.join(command))


def _serve(  # what the options say
    ctx: click.Context, model: str, name: str | None, address: object, backend: object,
    window: int | None,
) -> None:  # fmt: skip
    from pullsmith.llm.trained import trained_model
    from pullsmith.ports import is_loopback
    from pullsmith.serve.command import Address, Backend, check_start, started

    assert isinstance(address, Address)
    assert isinstance(backend, Backend)
    found = trained_model(model)
    try:
        with started(found, _named(found, name), address, backend, window=window) as running:
            check_start(running, key=_key(), report=_tell)
            if not is_loopback(address.host):
                _tell("anyone who can reach this machine can ask it; there is no key")
            click.echo(
                f"ready: {running.url}  model {running.name}  window {running.window or '?'}"
            )
            click.echo(f"ask it with: pullsmith try {shlex.quote(running.model)}")
            sys.stdout.flush()  # whoever waits for the line reads a pipe
            while running.alive():
                threading.Event().wait(_WATCH_SECONDS)
    except KeyboardInterrupt:
        ctx.exit(0)


@contextmanager
def _endpoint(
    model: str | None,
    name: str | None,
    checks: tuple[str, ...],
    backend: object,
    window: int | None,
) -> Iterator[Running]:
    """The endpoint that the checks are about, started where it does not run yet."""
    from pullsmith.llm.trained import trained_model
    from pullsmith.serve.command import Address, Backend, running_elsewhere, started

    assert isinstance(backend, Backend)
    urls = [check for check in checks if check not in (ITSELF, PR_AGENT)]
    if model is not None and _is_url(model):
        urls, model = [model, *urls], None
    if len(urls) > 1:
        raise click.UsageError(f"one endpoint at a time, not {', '.join(urls)}")
    for url in urls:
        if parse_model_name(url).kind is not ModelKind.ENDPOINT:
            raise click.UsageError(f"--check {url}: write {ITSELF}, {PR_AGENT} or URL#NAME")
    found = None if model is None else trained_model(model)
    if urls:
        yield running_elsewhere(urls[0], window=window, trained=found)
    elif found is not None:
        named = _named(found, name)
        with started(found, named, Address(port=0), backend, window=window) as running:
            yield running


def _findings(running: Running) -> list[dict[str, object]]:
    from pullsmith.serve.command import findings_of

    found = findings_of(running, key=_key(), long=True, report=_tell)
    return [
        {"check": one.check, "ok": one.ok, "said": one.said, "doubtful": one.doubtful}
        for one in found
    ]


def _ask_pr_agent(
    running: Running, folder: Path | None, commits: str | None, *, quiet: bool
) -> list[dict[str, object]]:
    from pullsmith.serve.pr_agent import ask_pr_agent, find_python, subject_of

    posts = ask_pr_agent(
        find_python(folder), subject_of(commits), url=running.url, name=running.name,
        window=running.window, key=_key(), contract=running.contract,
    )  # fmt: skip
    for post in posts:
        state = "ok" if post.ok else "FAILED"
        _tell(
            f"{state} pr-agent {post.tool}: {post.calls} calls, {len(post.text)} characters posted"
        )
        for fault in post.faults:
            _tell(f"  {fault}")
        if not quiet:
            text = visible(post.text, keep="\n\t")
            click.echo(f"──── {post.tool}\n{text}\n")
    return [
        {"tool": each.tool, "ok": each.ok, "posted": each.text, "faults": list(each.faults)}
        for each in posts
    ]


def _all_well(told: dict[str, object]) -> bool:
    rows = [row for part in told.values() if isinstance(part, list) for row in part]
    return bool(rows) and all(row["ok"] for row in rows)


def _key() -> str:
    return os.environ.get(_KEY) or "none"


def _tell(message: str) -> None:
    click.echo(f"  {visible(message)}", err=True)
