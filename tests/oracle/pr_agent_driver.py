"""PR-Agent's own prompts for pull requests it is told of: run by the Python of its environment.

Takes one JSON object a line on stdin: a pull request (``title body branch commits date languages
files``), ``budgets`` (values of max_model_tokens), ``answer`` (what its model answers to improve),
``settings`` (dotted names of its own settings) and ``lists`` (constants of its code, by name). Prints one a line: tool to budget to a list of
[system, user]. Everything but the forge, the model and the clock is PR-Agent's own code; no network.
With ``--seconds`` the last line says how long it counted tokens and made diffs, in CPU seconds.
"""

from __future__ import annotations

import asyncio
import datetime
import functools
import json
import sys
import time
from importlib import import_module
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any

import jinja2

# The stand-in that serve uses; PR-Agent's Python knows no package of ours.
sys.path.insert(0, str(Path(__file__).parents[2] / "src" / "pullsmith" / "serve" / "inside"))
stand_in = import_module("forge")
TOOLS = stand_in.TOOLS
TIMED = ("TokenHandler", "get_pr_diff", "get_pr_multi_diffs")
Said = list[list[str]]


def model(said: Said, answer: str) -> Any:
    """A model that keeps what it is asked; its answer to improve has suggestions in it."""

    class Model:
        main_pr_language = ""

        async def chat_completion(self, *, system: str, user: str, **_: object) -> tuple[str, str]:
            said.append([system, user])
            return answer, "stop"

    return Model


def ask(asked: dict[str, Any], budget: int) -> dict[str, Said]:
    """What every tool says under one budget, each with a provider and settings of its own."""
    settings = import_module("pr_agent.config_loader").get_settings()
    providers = import_module("pr_agent.git_providers")
    github = import_module("pr_agent.git_providers.github_provider")
    providers._GIT_PROVIDERS["github"] = stand_in.forge(github, asked)
    found: dict[str, Said] = {}
    for tool, module, name in TOOLS:
        for name_of_list, text in asked["lists"].items():
            setattr(import_module("pr_agent.algo.pr_processing"), name_of_list, text)
        for key, value in {**asked["settings"], "config.max_model_tokens": budget}.items():
            settings.set(key, value)
        clock(import_module(f"pr_agent.tools.{module}"), asked["date"])
        said: Said = []
        answer = asked["answer"] if tool == "improve" else "nothing"
        try:
            made = getattr(import_module(f"pr_agent.tools.{module}"), name)(
                stand_in.PLACE, ai_handler=model(said, answer)
            )
            extended = tool == "improve"
            step = made._prepare_prediction_extended if extended else made._prepare_prediction
            asyncio.run(step(settings.config.model))
        except Exception as error:  # noqa: BLE001  # whatever it is, the tool says nothing then
            said[:] = [["failed", repr(error)]]
        found[tool] = said
    # Every chunk of improve is asked about once more; the calls of a chunk need not be neighbours.
    begins = settings.pr_code_suggestions_reflect_prompt.system[:40]
    reflect = [pair for pair in found["improve"] if pair[0].startswith(begins)]
    found["improve"] = [pair for pair in found["improve"] if pair not in reflect]
    return {**found, "reflect": reflect}


def clock(module: Any, date: str) -> None:
    """The day of the pull request is today."""
    today = datetime.datetime.fromisoformat(date)
    fixed = SimpleNamespace(now=lambda: today)
    fixed.datetime = fixed  # some of its files import the module, some the class
    if hasattr(module, "datetime"):
        module.datetime = fixed


def keep_languages(names: set[str]) -> None:
    """Leave only these in its list of languages: it goes through all 370 again and again, slowly."""
    settings = import_module("pr_agent.config_loader").get_settings()
    table = {
        name: list(ends)
        for name, ends in settings.language_extension_map_org.items()
        if name in names
    }
    settings.unset("language_extension_map_org", force=True)
    settings.set("language_extension_map_org", table)


def say(found: dict[str, Any]) -> None:
    """A line of stdout."""
    sys.stdout.write(json.dumps(found) + "\n")


def timed(spent: list[float]) -> None:
    """Add what its functions take to the one number in ``spent``; none of them calls another."""

    def watched(act: Any) -> Any:
        def acting(*arguments: Any, **more: Any) -> Any:
            before = time.process_time()
            try:
                return act(*arguments, **more)
            finally:
                spent[0] += time.process_time() - before

        return acting

    for _, name, _ in TOOLS:
        module = import_module(f"pr_agent.tools.{name}")
        for function in TIMED:
            if hasattr(module, function):
                setattr(module, function, watched(getattr(module, function)))


def main() -> None:
    """Answer every line of stdin."""
    import_module("loguru").logger.remove()
    # The same templates come again and again; compiling them once changes no byte.
    compile_template = functools.lru_cache(maxsize=64)(jinja2.Environment.from_string)
    shared = jinja2.Environment(undefined=jinja2.StrictUndefined)
    jinja2.Environment.from_string = lambda _self, source: compile_template(shared, source)  # type: ignore[assignment,method-assign,misc]
    asked = [json.loads(line) for line in sys.stdin]
    import_module("pr_agent.tools.pr_code_suggestions")
    keep_languages({name for one in asked for name in one["languages"]})
    say({"pr_agent": str(PurePath(str(import_module("pr_agent").__file__)).parent)})
    spent = [0.0]
    if "--seconds" in sys.argv:
        timed(spent)
    for one in asked:
        say({str(budget): ask(one, budget) for budget in one["budgets"]})
    if "--seconds" in sys.argv:
        say({"seconds": spent[0]})


if __name__ == "__main__":
    main()
