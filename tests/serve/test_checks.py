"""Each check of an endpoint: what it passes, and what it fails for the right reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.errors import OutsideError, TrainingError
from pullsmith.llm.open_model import Weights
from pullsmith.llm.weights import load_tokenizer
from pullsmith.ports import LOOPBACK, take_port
from pullsmith.serve.checks import (
    Asker,
    Finding,
    check_endpoint,
    check_stream,
    check_tokens,
    check_window,
    require,
)
from pullsmith.serve.endpoint import make_endpoint
from pullsmith.serve.running import serving, url_of
from tests.serve.fakes import Fake, faking
from tests.train.twins import TWINS, Twin, twin_folder

LLAMA = TWINS["llama (Llama 3)"]
WIDE = replace(LLAMA, config=(*LLAMA.config, ("max_position_embeddings", 2048)))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return twin_folder(WIDE, tmp_path_factory.mktemp("checks") / "twin")


@pytest.fixture(scope="module")
def asker(twin: Path) -> Iterator[Asker]:
    endpoint = make_endpoint("twin", Weights(twin))
    with (
        take_port(LOOPBACK, 0) as bound,
        serving(endpoint.app, bound),
        Asker(url_of(bound), "twin") as asker,
    ):
        yield asker


def window_of(fake: Fake, window: int | None) -> Finding:
    with faking(fake) as url, Asker(url, "m") as asker:
        return check_window(asker, window)


def test_a_served_twin_passes_all(asker: Asker, twin: Path) -> None:
    found = list(check_endpoint(asker, tokenizer=load_tokenizer(twin), window=None, long=True))
    assert [finding.check for finding in found] == ["model", "tokens", "stream", "window"]
    assert all(finding.ok for finding in found), found
    assert "of a window of 2048" in found[-1].said
    require(found, "here")


def other(twin: Twin, folder: Path) -> Path:
    return twin_folder(twin, folder)


@pytest.mark.parametrize(
    "change",
    [
        {"template": str(LLAMA.template).replace("{{ bos_token }}", "{{ bos_token + bos_token }}")},
        {"template": str(LLAMA.template).replace("|trim", "")},
        {"template": str(LLAMA.template).replace("assistant<|/head|>\\n\\n'", "assistant<|/head|>'")},
    ],
    ids=["first token twice", "blanks kept", "no line ends before the answer"],
)  # fmt: skip
def test_another_template_than_the_trained_one_is_told(
    asker: Asker, tmp_path: Path, change: dict[str, str]
) -> None:
    assert change["template"] != LLAMA.template
    trained = load_tokenizer(twin_folder(replace(WIDE, **change), tmp_path / "other"))  # type: ignore[arg-type]
    finding = check_tokens(asker, trained)
    assert not finding.ok
    assert "it uses another chat template or tokenizer" in finding.said
    with pytest.raises(TrainingError, match="here: check tokens failed: the prompt"):
        require([finding], "here")


def test_a_server_without_usage_cannot_be_told(twin: Path) -> None:
    with faking(Fake(counts=False)) as url, Asker(url, "m") as asker:
        assert "reports no usage" in check_tokens(asker, load_tokenizer(twin)).said
        assert "reports no usage" in check_window(asker, 4096).said


def test_a_prompt_that_arrives_whole_passes() -> None:
    finding = window_of(Fake(), 4096)
    assert finding == Finding("window", True, finding.said)
    # Window less the reserve; a word is a token, so that nothing is lost to rounding.
    assert finding.said == (
        "all of 4072 tokens were read, of a window of 4096; the marker at the start was repeated"
    )


@pytest.mark.parametrize(
    ("fake", "window", "said"),
    [
        (Fake(cuts_to=2048), 4096, "2048 of 4072 tokens were read: the server cut the prompt"),
        (Fake(cuts_to=40), 4096, "40 of 4072 tokens"),
        (Fake(cuts_to=10), 4096, "it cuts prompts, or does not count them"),
        (Fake(refuses_over=2048), 4096, "a prompt of 4072 tokens was refused: "),
        (Fake(), None, "say --window TOKENS"),
        (Fake(), 64, "less than what this check itself says"),
    ],
)
def test_a_window_that_is_not_allocated_fails(fake: Fake, window: int | None, said: str) -> None:
    finding = window_of(fake, window)
    assert not finding.ok
    assert said in finding.said


def test_a_model_that_repeats_no_marker_passes_by_its_count_alone() -> None:
    finding = window_of(Fake(recalls=False), 1024)
    assert (finding.ok, finding.doubtful) == (True, False)
    assert "does not repeat a marker in short ones either" in finding.said


@pytest.mark.parametrize(("streams", "said"), [("other", "streamed"), ("broken", "broke off")])
def test_a_stream_that_differs_fails(streams: str, said: str) -> None:
    with faking(Fake(streams=streams)) as url, Asker(url, "m") as asker:
        finding = check_stream(asker)
        assert not finding.ok
        assert said in finding.said
    with faking(Fake()) as url, Asker(url, "m") as asker:
        assert check_stream(asker).ok


def test_a_model_that_is_not_listed_is_said_first() -> None:
    with faking(Fake(name="other")) as url, Asker(url, "m") as asker:
        (finding,) = check_endpoint(asker, tokenizer=None, window=None, long=True)
        assert finding.said == "'m' is not among those it lists: other"


def test_nobody_there_is_an_outside_error() -> None:
    with take_port(LOOPBACK, 0) as bound:
        url = url_of(bound)
    with Asker(url, "m") as asker, pytest.raises(OutsideError, match="/v1/models: Connection"):
        list(check_endpoint(asker, tokenizer=None, window=None, long=False))
