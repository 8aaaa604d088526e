"""PR-Agent's settings after it has read a repository's file: run by the Python of its environment.

Takes the file on stdin, prints one JSON object: the sections it names, the models it would ask in
turn for either kind of call, how many tokens it gives each, and where its client would send them.
The forge apart, everything is PR-Agent's own code; nothing is sent.
"""

from __future__ import annotations

import json
import sys
import tomllib
from importlib import import_module
from typing import Any


def main() -> None:
    """Apply the file as PR-Agent does before each tool."""
    import_module("loguru").logger.remove()
    content = sys.stdin.buffer.read()
    providers = import_module("pr_agent.git_providers")
    providers._GIT_PROVIDERS["github"] = lambda _url: type(
        "Forge", (), {"get_repo_settings": lambda _self: content}
    )()
    processing = import_module("pr_agent.algo.pr_processing")
    kinds = import_module("pr_agent.algo.utils").ModelType
    before = {kind.name: processing._get_all_models(kind) for kind in kinds}
    import_module("pr_agent.git_providers.utils").apply_repo_settings("https://example.org/pull/1")
    settings = import_module("pr_agent.config_loader").get_settings()
    handler: Any = import_module("pr_agent.algo.ai_handlers.litellm_ai_handler")
    handler.LiteLLMAIHandler()
    utils = import_module("pr_agent.algo.utils")
    models = {kind.name: processing._get_all_models(kind) for kind in kinds}
    every = sorted({model for some in models.values() for model in some})
    sections = {name: settings.as_dict()[name.upper()] for name in tomllib.loads(content.decode())}
    found = {
        "sections": sections,
        "before": before,
        "models": models,
        "tokens": {model: utils.get_max_tokens(model) for model in every},
        "encodes": len(import_module("pr_agent.algo.token_handler").TokenEncoder.get_token_encoder().encode("a b")),
        "api_base": handler.litellm.api_base,
        "api_key": handler.litellm.api_key,
        "provider": [list(handler.litellm.get_llm_provider(model)[:2]) for model in every],
    }  # fmt: skip
    sys.stdout.write(json.dumps(found))


main()
