"""Every architecture of the presets serves and answers, to the character what is judged in process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pullsmith.errors import MissingExtraError, StudyError
from pullsmith.llm.chat import render, token_ids
from pullsmith.llm.local import LocalModel
from pullsmith.llm.open_model import Weights
from pullsmith.llm.protocol import Request
from pullsmith.ports import LOOPBACK
from pullsmith.serve.endpoint import make_endpoint
from tests.serve.asking import ROW, Client, body, client_of, plain, streamed
from tests.train.runs import context, study, train
from tests.train.twins import TWINS, twin_folder

# PEFT 0.21 asks transformers 5.23 by a name that is about to go.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder = twin_folder(TWINS["llama (Llama 3)"], tmp_path_factory.mktemp("served") / "twin")
    return client_of(folder)


def local(model: LocalModel) -> str:
    (done,) = model.complete_many(
        [Request(model="m", messages=ROW.messages, max_tokens=12, scan=None)]
    )
    return done.text


@pytest.mark.parametrize("name", sorted(TWINS))
def test_it_serves_what_is_judged_in_process(name: str, tmp_path: Path) -> None:
    folder = twin_folder(TWINS[name], tmp_path / "twin")
    client = client_of(folder)
    reply = client.post(body())
    assert reply.status_code == 200, reply.text
    said = reply.json()
    text = said["choices"][0]["message"].get("content", "")
    assert text == local(LocalModel(folder))
    tokenizer = client.endpoint.tokenizer
    (ids,) = token_ids(tokenizer, render(tokenizer, [ROW.messages], generation_prompt=True))
    assert said["usage"]["prompt_tokens"] == len(ids)
    # A character that the limit cuts in its middle is a sign of its own in the whole text only.
    assert streamed(client.post(body(stream=True))).rstrip("\ufffd") == text.rstrip("\ufffd")


def test_an_adapter_is_served_on_its_base(tmp_path: Path) -> None:
    twin = twin_folder(TWINS["qwen2"], tmp_path / "twin")
    overrides = ["train.learning_rate=0.01", "train.steps=8"]
    job = context(study(tmp_path, str(twin), method="lora", overrides=overrides))
    train(job)
    adapter = job.job.path / "final"
    served = client_of(adapter, str(twin)).post(body()).json()["choices"][0]["message"]["content"]
    assert served == local(LocalModel(adapter, base=str(twin)))
    assert served != local(LocalModel(twin))


def test_an_answer_may_fill_the_window_and_a_prompt_may_not(client: Client) -> None:
    whole = client.post(body(max_tokens=None)).json()
    assert whole["usage"]["total_tokens"] == client.endpoint.window == 256
    assert whole["choices"][0]["finish_reason"] == "length"
    refused = client.post(body(messages=plain("word " * 400)))
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"
    assert "this model's window is 256" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        (body(model="gpt-4o"), 404, "this endpoint serves 'pupil'"),
        (body(model="../other"), 404, "is not here"),
        (body(stop=["x"]), 400, "stop: not taken"),
        (body(tools=[{"type": "function"}]), 400, "tools: not taken"),
        (body(generation_config='{"max_new_tokens": 9}'), 400, "generation_config: not taken"),
        (body(n=2), 400, "one answer a request"),
        (body(response_format={"type": "json_object"}), 400, "has no grammar"),
        (body(max_tokens=0), 400, "a whole number"),
        (body(max_tokens="many"), 400, "a whole number"),
        (body(messages=[]), 400, "at least one message"),
        (body(messages="hello"), 400, "at least one message"),
        (body(messages=[{"role": "user", "content": 3}]), 400, "content must be text"),
        (body(messages=[{"role": "user", "content": [{"type": "image_url"}]}]), 400, "other than text"),
        (body(bogus=1), 400, "bogus"),
        ("{not json", 400, "the body is no JSON"),
        ("[1]", 400, "no JSON object"),
    ],
)  # fmt: skip
def test_what_it_cannot_do_is_refused_by_name(
    client: Client, asked: object, status: int, said: str
) -> None:
    reply = client.post(asked)
    assert reply.status_code == status, reply.text
    assert said in reply.json()["error"]["message"]


def test_text_in_parts_and_unread_fields_are_taken(client: Client) -> None:
    parts = [
        {"role": each["role"], "content": [{"type": "text", "text": each["content"]}]}
        for each in body()["messages"]
    ]
    more = {"user": "me", "stream_options": {"include_usage": True}, "n": 1}
    assert (
        client.post(body(messages=parts, **more)).json()["choices"]
        == (client.post(body()).json()["choices"])
    )


def test_it_is_greedy_unless_a_temperature_is_asked_for(client: Client) -> None:
    greedy = {client.post(body()).json()["choices"][0]["message"]["content"] for _ in range(2)}
    assert len(greedy) == 1
    hot = {
        client.post(body(temperature=1.9)).json()["choices"][0]["message"]["content"]
        for _ in range(4)
    }
    assert len(hot) > 1


def test_it_lists_the_one_model_and_its_window(client: Client) -> None:
    (card,) = client.get("/v1/models").json()["data"]
    assert (card["id"], card["max_model_len"]) == ("pupil", 256)
    assert client.get("/health").json() == {"status": "ok"}
    for path in ("/docs", "/openapi.json", "/load_model", "/reset", "/v1/responses"):
        assert client.get(path).status_code == 404


def test_another_hosts_page_gets_no_answer(client: Client, tmp_path: Path) -> None:
    folder = twin_folder(TWINS["qwen2"], tmp_path / "twin")
    guarded = Client(make_endpoint("pupil", Weights(folder), hosts=(LOOPBACK,)))
    assert guarded.get("/v1/models").status_code == 200
    guarded.host = "attacker.example"
    assert guarded.get("/v1/models").status_code == 400


def test_pickled_weights_and_missing_folders_are_refused(tmp_path: Path) -> None:
    folder = twin_folder(TWINS["qwen2"], tmp_path / "twin")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(StudyError, match="pickled weights are never loaded"):
        make_endpoint("pupil", Weights(folder))
    with pytest.raises(StudyError, match="is no folder"):
        make_endpoint("pupil", Weights(tmp_path / "nowhere"))


def test_without_the_extra_the_pip_command_is_said() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None\n"
        "from pullsmith.serve.endpoint import need_server\n"
        "from pullsmith.errors import MissingExtraError\n"
        "try: need_server()\n"
        "except MissingExtraError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'pullsmith[serve]'" in done.stdout, done.stderr
    assert issubclass(MissingExtraError, ImportError)
