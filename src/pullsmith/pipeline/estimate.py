"""What a study's model calls may cost, before any is made.

Takes a study; gives a line a role. Counts the prompts that were rendered, else what the settings
alone say, and says which. Every number is an upper bound: the longest prompt the budget allows where
none was rendered, and the longest answer the role allows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pullsmith.controls import KINDS
from pullsmith.generate import prompts_of, share_of
from pullsmith.llm.prices import price_of
from pullsmith.llm.rounds import IMPROVE
from pullsmith.models.names import LOCAL, MODEL_FREE, parse_model_name
from pullsmith.pipeline.hardware import PHASES, Hardware, hardware_on, longest_prompt
from pullsmith.pipeline.runner import run_folder
from pullsmith.records import Prompt, Split
from pullsmith.stats.power import PAIRED_CORRELATION, PLANNED_RATE, planned_difference, prompts_for
from pullsmith.store import JobKey
from pullsmith.study import Study
from pullsmith.study.collect import PlantedSource
from pullsmith.study.families import shared_families
from pullsmith.study.roles import AnsweringRole, JudgeRole, Role
from pullsmith.tokens import MARGIN, count_tokens
from pullsmith.train.gpus import gpu_of

JUDGE_TEMPLATE_TOKENS = 1_000
FOLLOW_UP_TOKENS = 500  # what is said of an answer when it is asked for once more


@dataclass(frozen=True)
class Line:
    """The calls of one role. ``calls`` is None where it takes rendering to know, ``usd`` also without a price."""

    role: str
    model: str
    calls: int | None
    input_tokens: int
    output_tokens: int
    usd: float | None
    price_source: str

    @property
    def unknown(self) -> bool:
        """Whether its cost is unknown, which is not the same as nothing."""
        return self.usd is None


def estimate(study: Study) -> list[Line]:
    """One line a teacher, reference and judge; students run on this machine."""
    prompts = rendered(study)
    lines: list[Line] = []
    for teacher in study.teacher:
        mine = None
        if prompts is not None:
            train = [p for p in prompts if p.split is Split.TRAIN]
            mine = prompts_of(teacher, share_of(teacher, study, train))
        line = _line("teacher", teacher, study, mine, known=_training_calls(study))
        lines.append(_times(line, teacher.samples))
        known = _training_calls(study)
        improve = None if known is None else _improve_of(study, known)
        lines += _further(line, teacher, _improve_calls(mine, known=improve))
    lines += _grading(study, lines)
    for reference in study.reference:
        if reference.pack:
            lines.append(Line("reference", reference.label, 0, 0, 0, 0.0, "answers from its pack"))
            continue
        asked = _eval(prompts, reference.contract)
        lines.append(_line("reference", reference, study, asked, known=eval_calls(study)))
        known = _improve_of(study, eval_calls(study))
        lines += _further(lines[-1], reference, _improve_calls(asked, known=known))
    pairs = _pairs(study)
    controls = len(KINDS) * study.judging.controls * len(study.render.tools) * len(study.reference)
    for judge in study.judges:
        asked = _eval(prompts, study.reference[0].contract)
        line = _line("judge", judge, study, asked, known=eval_calls(study))
        answers = 2 * max(role.max_tokens for role in (*study.student, *study.reference))
        more = (line.calls or 0) * (answers + JUDGE_TEMPLATE_TOKENS)
        line = replace(line, input_tokens=line.input_tokens + more)
        lines.append(_scaled(_priced(line, judge), pairs * _times_a_pair(study, judge), controls))
    return lines


def hardware(study: Study, gpu_name: str) -> Hardware:
    """What the students take on a GPU; raises StudyError for one that is not known."""
    return hardware_on(study, rendered(study), gpu_of(gpu_name), eval_calls(study))


def _grading(study: Study, teachers: Sequence[Line]) -> list[Line]:
    """The grader's line, where there is one: a call an answer that may be trained on."""
    role = study.grader
    if role is None:
        return []
    wanted = {each.label for each in study.training_teachers}
    asked = [line for line in teachers if line.role == "teacher" and line.model in wanted]
    unknown = any(line.calls is None for line in asked)
    calls = None if unknown else sum(line.calls or 0 for line in asked)
    tokens = sum(line.input_tokens + line.output_tokens for line in asked)
    tokens += (calls or 0) * JUDGE_TEMPLATE_TOKENS
    line = Line("grader", role.model, calls, tokens, (calls or 0) * role.max_tokens, None, "")
    return [_priced(line, role)]


def detectable(study: Study) -> float:
    """The smallest difference between two models that is seen four times in five, as a share."""
    return planned_difference(study.eval.per_tool * len(study.render.tools))


def smallest_difference(study: Study) -> str:
    """What the study can see, in a sentence: planned from its prompts, before any was answered."""
    prompts = study.eval.per_tool * len(study.render.tools)
    smallest = detectable(study)
    needed = prompts_for(0.05)
    seen = f"a difference of {100 * smallest:.1f} points" if smallest < 1 else "no difference"
    return (
        f"{prompts} prompts show {seen} between two models four times "
        f"in five (rates near {PLANNED_RATE:.0%}, results correlated by {PAIRED_CORRELATION:g}); for "
        f"5 points it takes {needed:,}"
    )


def _times_a_pair(study: Study, judge: JudgeRole) -> float:
    """How often a judge sees one pair, asking again included."""
    orders = 2.0 if judge.orders == "both" else 1 + study.judging.audit_share
    free = parse_model_name(judge.model).kind in MODEL_FREE
    return orders + (0.0 if free else study.judging.repeat_share)


def warnings(study: Study, today: date) -> Iterator[str]:
    """What a reader of the board would ask: retired models, and families that are shared."""
    graders = [study.grader] if study.grader else []
    asked = [role for role in study.reference if role.pack is None]
    for role in (*study.teacher, *graders, *asked, *study.judges):
        if role.retires is not None and role.retires <= today:
            yield f"{role.model} was retired on {role.retires}: nobody can ask it any more"
    yield from shared_families(study)


def rendered(study: Study) -> list[Prompt] | None:
    """Every prompt that render made; None where it is not done."""
    job = run_folder(study).job(JobKey("render"))
    return None if job.manifest() is None else list(job.read(Prompt))


def _eval(prompts: Sequence[Prompt] | None, contract: str) -> list[Prompt] | None:
    if prompts is None:
        return None
    return [p for p in prompts if p.split is Split.EVAL and p.contract == contract]


def eval_calls(study: Study) -> int:
    """At most: planted and real pull requests alike have so many, where there may be both."""
    kinds = 2 if _plants(study) else 1
    return kinds * study.eval.per_tool * len(study.render.tools)


def _training_calls(study: Study) -> int | None:
    """At most one a tool for each pull request that select lets through; None where that is any number."""
    most = study.select.max_pull_requests
    return None if most is None or _plants(study) else most * len(study.render.tools)


def _plants(study: Study) -> bool:
    return any(isinstance(source, PlantedSource) for source in study.collect.sources)


def _improve_of(study: Study, calls: int) -> int:
    return calls // len(study.render.tools) if IMPROVE in study.render.tools else 0


def _pairs(study: Study) -> int:
    candidates = len(study.student) * PHASES + (2 if study.baselines else 0)
    return candidates * len(study.reference)


def _line(
    name: str,
    role: Role,
    study: Study,
    prompts: Iterable[Prompt] | None,
    *,
    known: int | None = None,
) -> Line:
    if prompts is None:
        calls = known
        tokens = (calls or 0) * longest_prompt(study, getattr(role, "contract", ""))
    else:
        counts = [sum(count_tokens(m.content) for m in p.messages) for p in prompts]
        calls, tokens = len(counts), round(sum(counts) * MARGIN)
    line = Line(name, role.model, calls, tokens, (calls or 0) * role.max_tokens, None, "")
    return _priced(line, role)


def _improve_calls(prompts: Iterable[Prompt] | None, *, known: int | None = None) -> int | None:
    """How many answers may hold suggestions; None where it takes rendering to know."""
    return known if prompts is None else sum(prompt.tool == IMPROVE for prompt in prompts)


def _further(line: Line, role: AnsweringRole, improve_calls: int | None) -> Iterator[Line]:
    """What follow-ups to the answers of ``line`` may cost, at most: every one is asked for once more.

    They carry the prompt and the answer, and of several samples are about one.
    """
    longest = 0 if not line.calls else line.input_tokens // line.calls
    longest += role.max_tokens + FOLLOW_UP_TOKENS
    counts = {
        "repair": line.calls if role.repair else 0,
        "reflect": improve_calls if role.reflect else 0,
    }
    if role.repair and role.reflect and line.calls is not None and improve_calls is not None:
        counts["repair"] = line.calls + improve_calls
    for name, calls in counts.items():
        if calls == 0:
            continue
        tokens = (calls or 0) * longest
        further = replace(
            line, role=f"{line.role}, {name}", calls=calls, input_tokens=tokens,
            output_tokens=(calls or 0) * role.max_tokens,
        )  # fmt: skip
        yield _priced(further, role)


def _priced(line: Line, role: Role) -> Line:
    price = price_of(role)
    if parse_model_name(role.model).kind in MODEL_FREE | LOCAL:
        return replace(line, usd=0.0, price_source="runs on this machine")
    if price is None:
        return replace(line, usd=None, price_source="unknown price")
    if line.calls is None:
        return replace(line, usd=None, price_source=f"{price.source}; render first")
    each = price.cost_usd(
        line.input_tokens // max(line.calls, 1), line.output_tokens // max(line.calls, 1)
    )
    return replace(line, usd=each * line.calls, price_source=price.source)


def _scaled(line: Line, share: float, more: int) -> Line:
    """The line with its calls times ``share``, and ``more`` calls of the same size."""
    if not line.calls:
        return line
    calls = math.ceil(line.calls * share) + more
    by = calls / line.calls
    return replace(
        line,
        calls=calls,
        input_tokens=round(line.input_tokens * by),
        output_tokens=round(line.output_tokens * by),
        usd=None if line.usd is None else line.usd * by,
    )


def _times(line: Line, count: int) -> Line:
    return replace(
        line,
        calls=None if line.calls is None else line.calls * count,
        input_tokens=line.input_tokens * count,
        output_tokens=line.output_tokens * count,
        usd=None if line.usd is None else line.usd * count,
    )
