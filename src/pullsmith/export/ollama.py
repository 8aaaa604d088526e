"""An Ollama Modelfile whose template writes what the model was trained on, to the byte.

Takes a tokenizer and the talks it must render alike; gives text. The template is not looked up by
family: the model's own is asked what it puts around a system and a user text, and that is written
down. Ollama's rules (what a template is given, how a Modelfile is read) were read in its source.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import render
from pullsmith.records import Message

if TYPE_CHECKING:
    from pullsmith.llm.chat import PreTrainedTokenizerBase

_SYSTEM, _USER, _ANSWER = "pullsmithsystemtext", "pullsmithusertext", "pullsmithanswertext"
_PROBES = (("Be brief.", "def f(x):\n    return x  # {{ .Prompt }}"), ("", 'Say "yes".'))
_ENDS = ((" \tkept\n", "\n  kept \n\n"),)
Talk = Sequence[Message]


@dataclass(frozen=True)
class Frame:
    """What a template puts around texts: with a system text, without one, and behind an answer."""

    before_system: str
    between: str
    cue: str
    before_user: str
    cue_alone: str
    end: str

    def around(self, system: str, user: str) -> str:
        """The prompt that Ollama makes of one system and one user text."""
        if system:
            return f"{self.before_system}{system}{self.between}{user}{self.cue}"
        return f"{self.before_user}{user}{self.cue_alone}"


@dataclass(frozen=True)
class Parameters:
    """How the served model is asked unless a client says otherwise."""

    window_tokens: int
    max_tokens: int
    temperature: float
    stops: tuple[str, ...]


def frame_of(
    tokenizer: PreTrainedTokenizerBase, talks: Sequence[Talk]
) -> tuple[Frame, tuple[str, ...]]:
    """The frame of a tokenizer's template, and what its user must know of it.

    Raises TrainingError where no frame renders ``talks`` as the template does: such a model is
    served by programs that run the template itself.
    """
    first = _first_token(tokenizer)
    frame = _derived(tokenizer, first)
    for system, user in (*_PROBES, *map(_pair, talks)):
        if first + frame.around(system, user) != _rendered(tokenizer, system, user):
            raise TrainingError(
                "export: no Ollama template writes what this model was trained on (its own does more "
                "than put words around texts); serve it with llama-server --jinja, vLLM or pullsmith"
            )
    trims = any(first + frame.around(*pair) != _rendered(tokenizer, *pair) for pair in _ENDS)
    note = (
        "The model's template drops blanks at the ends of a text and Ollama's cannot: send texts "
        "without them, as the prompts it was checked with are."
    )
    return frame, (note,) if trims else ()


def modelfile(frame: Frame, parameters: Parameters, *, weights: str, notes: Sequence[str]) -> str:
    """The text of a Modelfile for the file ``weights`` beside it."""
    sampling = ("top_k 0", "top_p 1") if parameters.temperature > 0 else ()
    settings = (
        f"num_ctx {parameters.window_tokens}",
        f"num_predict {parameters.max_tokens}",
        f"temperature {parameters.temperature:g}",
        "repeat_penalty 1",  # a model that quotes code must repeat it
        *sampling,
        *(f'stop "{stop}"' for stop in parameters.stops),
    )
    lines = [
        *(f"# {note}" for note in notes),
        f"FROM ./{weights}",
        f'TEMPLATE """{_template(frame)}"""',
        *(f"PARAMETER {setting}" for setting in settings),
    ]
    return "\n".join(lines) + "\n"


def stop_texts(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> tuple[str, ...]:
    """The tokens that end an answer as texts, without those that a Modelfile cannot hold."""
    texts = (tokenizer.decode([one], skip_special_tokens=False) for one in ids)
    return tuple(text for text in texts if text.strip() and text.isprintable())


def _derived(tokenizer: PreTrainedTokenizerBase, first: str) -> Frame:
    both = _rendered(tokenizer, _SYSTEM, _USER).removeprefix(first)
    alone = _rendered(tokenizer, "", _USER).removeprefix(first)
    before_system, system, rest = both.partition(_SYSTEM)
    between, user, cue = rest.partition(_USER)
    before_user, user_alone, cue_alone = alone.partition(_USER)
    talk = [*_talk(_SYSTEM, _USER), Message(role="assistant", content=_ANSWER)]
    (whole,) = render(tokenizer, [talk], generation_prompt=False)
    _, answer, end = whole.partition(_ANSWER)
    if not (system and user and user_alone and answer):
        raise TrainingError("export: the chat template leaves out or moves what it is given")
    return Frame(before_system, between, cue, before_user, cue_alone, end)


def _first_token(tokenizer: PreTrainedTokenizerBase) -> str:
    """What the server's tokenizer writes before every prompt by itself; the template must not again.

    Raises TrainingError where it would write one that the model was not trained with.
    """
    bos = tokenizer.bos_token
    if bos is None or tokenizer("a")["input_ids"][:1] != [tokenizer.bos_token_id]:
        return ""
    if not _rendered(tokenizer, "", _USER).startswith(bos):
        raise TrainingError(
            f"export: the tokenizer writes {bos!r} before every text and the template does not, so a "
            "server would add a token that the model was not trained with; set add_bos_token to "
            "false in tokenizer_config.json"
        )
    return str(bos)


def _rendered(tokenizer: PreTrainedTokenizerBase, system: str, user: str) -> str:
    return render(tokenizer, [_talk(system, user)], generation_prompt=True)[0]


def _talk(system: str, user: str) -> list[Message]:
    talk = [Message(role="user", content=user)]
    return [Message(role="system", content=system), *talk] if system else talk


def _pair(talk: Talk) -> tuple[str, str]:
    """System and user text of a prompt; raises TrainingError for one of another shape."""
    roles = [message.role for message in talk]
    if roles not in (["user"], ["system", "user"]):
        raise TrainingError(
            f"export: a prompt of the roles {roles} has no form in Ollama's template"
        )
    return talk[0].content if len(talk) == 2 else "", talk[-1].content


def _template(frame: Frame) -> str:
    """Go's template; every word of ours is a quoted constant, so that none is taken for its syntax."""
    return (
        "{{ if .System }}"
        f"{_constant(frame.before_system)}{{{{ .System }}}}{_constant(frame.between)}"
        f"{{{{ .Prompt }}}}{_constant(frame.cue)}"
        f"{{{{ else }}}}{_constant(frame.before_user)}{{{{ .Prompt }}}}{_constant(frame.cue_alone)}"
        f"{{{{ end }}}}{{{{ .Response }}}}{_constant(frame.end)}"
    )


def _constant(text: str) -> str:
    """``text`` as a constant of Go; a Modelfile's reader drops what cannot be printed."""
    if not text:
        return ""
    quoted = json.dumps(text, ensure_ascii=False)
    return "{{ " + "".join(c if c.isprintable() else _escaped(c) for c in quoted) + " }}"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"
