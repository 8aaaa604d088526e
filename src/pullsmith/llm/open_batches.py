"""From a model to its batch API: the only place that knows which provider has one."""

from __future__ import annotations

from pullsmith.errors import StudyError
from pullsmith.llm.anthropic_api import AnthropicModel
from pullsmith.llm.anthropic_batch import AnthropicBatches
from pullsmith.llm.batch_api import BatchApi
from pullsmith.llm.openai_api import OpenAIModel
from pullsmith.llm.openai_batch import OpenAIBatches
from pullsmith.llm.protocol import ChatModel


def batch_api_of(model: ChatModel, name: str) -> BatchApi:
    """The batch side of ``model``; raises StudyError where it has none."""
    if isinstance(model, OpenAIModel):
        return OpenAIBatches(model)
    if isinstance(model, AnthropicModel):
        return AnthropicBatches(model)
    if isinstance(model, BatchApi):
        return model
    raise StudyError(
        f"model {name!r} has no batch API; batch = true is for openai:NAME, anthropic:NAME and "
        "http://host:port/v1#NAME where the server has /v1/batches"
    )
