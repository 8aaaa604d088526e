"""``try``: a model on the user's own branch, in the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pullsmith.branch.ask import Model, Replies
    from pullsmith.branch.commits import CommitRange


@click.command("try")
@click.argument("model")
@click.argument("commits", required=False, metavar="[BASE..HEAD]")
@click.option("--tool", "tools", multiple=True, type=click.Choice(["describe", "review", "improve"]), help="Ask this one only; may be given several times.")  # fmt: skip
@click.option("--contract", default="", metavar="NAME", help="How it is asked; the contract it was trained in, else native-1.")  # fmt: skip
@click.option("--pr-agent", type=click.Path(path_type=Path), metavar="FOLDER", help="Where the PR-Agent is whose prompts a contract pr-agent-* puts.")  # fmt: skip
@click.option("--repository", default=Path(), type=click.Path(path_type=Path), help="The repository, if you do not stand in it.")  # fmt: skip
@click.option("--run", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="Where calls are journalled; your cache unless given.")  # fmt: skip
@click.option("--budget-usd", type=click.FloatRange(min=0, min_open=True), help="All calls in that journal may cost this much.")  # fmt: skip
@click.option("--max-diff-tokens", default=24_000, show_default=True, type=click.IntRange(min=16), help="How much of the diff is shown.")  # fmt: skip
@click.option("--max-tokens", type=click.IntRange(min=1), help="The longest answer.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def attempt(  # noqa: PLR0913, PLR0917  # click passes every option by itself
    ctx: click.Context, model: str, commits: str | None, tools: tuple[str, ...], contract: str,
    pr_agent: Path | None, repository: Path, folder: Path | None, budget_usd: float | None,
    max_diff_tokens: int, max_tokens: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Ask MODEL to describe, review and improve what BASE..HEAD adds, in the repository you stand in.

    MODEL is STUDY.toml#STUDENT, runs/STUDY/train/CELL, ./FOLDER, hf:ORG/NAME, tiny, rules,
    http://…/v1#NAME, openai:NAME or anthropic:NAME. The range is, unless given, from where HEAD left the
    default branch. What is not committed is not looked at; secrets are masked before anything is sent.
    """
    from pullsmith.branch.ask import JOURNAL, Wanted, ask_about, cache_folder, find_model
    from pullsmith.branch.commits import read_range
    from pullsmith.study.tool import BUILT_IN_TOOLS

    found = find_model(model)
    read = read_range(repository, commits)
    journal = (folder or cache_folder()) / JOURNAL
    wanted = Wanted(
        tools=tuple(dict.fromkeys(tools)) or BUILT_IN_TOOLS, contract=contract, pr_agent=pr_agent,
        budget_usd=budget_usd, max_diff_tokens=max_diff_tokens, max_tokens=max_tokens,
    )  # fmt: skip
    _tell(f"{read.ends}: {len(read.pull_request.files)} files; calls are kept in {journal}")
    replies = ask_about(read.pull_request, found, wanted, journal=journal, report=_tell)
    if as_json:
        click.echo(json.dumps(_as_dict(model, read, replies), indent=2, ensure_ascii=False))
    else:
        _print(found, read, replies)
    if not replies.readable:
        ctx.exit(1)


def _print(model: Model, read: CommitRange, replies: Replies) -> None:
    from rich.console import Console

    from pullsmith.branch.ask import by_tool
    from pullsmith.cli.bot_answers import shown_answers
    from pullsmith.contracts.tools import BUILT_IN

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for asked in by_tool(replies):
        for each in shown_answers(asked, BUILT_IN):
            console.print(each)
    masked = f", {replies.masked} secrets and names masked" if replies.masked else ""
    console.print(
        f"{model.role.label} in {replies.contract} on {read.ends}: {_spent(replies)}{masked}",
        style="dim",
    )


def _spent(replies: Replies) -> str:
    measured = replies.measured
    tokens = f"{measured['input_tokens']:.0f} tokens read, {measured['output_tokens']:.0f} written"
    if measured["unpriced"]:
        return f"{tokens}, price unknown"
    return f"{tokens}, ${measured['cost_usd']:.4f}"


def _as_dict(model: str, read: CommitRange, replies: Replies) -> dict[str, object]:
    return {
        "model": model,
        "contract": replies.contract,
        "base": read.pull_request.base_sha,
        "head": read.pull_request.head_sha,
        "masked": replies.masked,
        "measured": dict(replies.measured),
        "answers": [
            {
                "tool": prompt.tool,
                "part": prompt.part,
                "outcome": answer.outcome.value,
                "value": None if answer.value_json is None else json.loads(answer.value_json),
                "text": answer.text,
                "fault": answer.fault,
                "grounding_faults": list(answer.grounding_faults),
                "omitted": [file.path for file in prompt.coverage.omitted],
            }
            for prompt, answer in zip(replies.prompts, replies.answers, strict=True)
        ],
    }


def _tell(message: str) -> None:
    click.echo(f"  {message}", err=True)
