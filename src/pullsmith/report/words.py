"""What the board shows, in plain words: who judged, what was planted, how sure it is.

Takes a Board and its study; gives sentences. They say what a number is before anyone may take it
for something greater; none of them can be switched off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pullsmith.controls import KINDS, PREFIX, leaning
from pullsmith.models.names import MODEL_FREE, ModelKind, parse_model_name
from pullsmith.report.board import Board, Difference, Told
from pullsmith.report.figures import told_text
from pullsmith.report.gaps import gaps
from pullsmith.study import Study
from pullsmith.study.families import shared_families
from pullsmith.study.roles import Role

MAIN_SLICES = ("planted", "real")
STEADY = 0.9  # how often a judge that means what it says repeats itself, at least
_RUBRIC = (
    "rubric is a set of fixed rules, not a language model: an answer that cannot be read, speaks of "
    "code that was not shown or is far too long loses to one that does not; on planted pull "
    "requests the known truth decides after that; on real ones nothing else is known, so most "
    "pairs there are ties."
)


def left_out(board: Board) -> Iterator[str]:
    """That the board is of a part of the study, and of which models it is without; else nothing."""
    if board.missing:
        names = ", ".join(f"{one.model} (not finished: {one.stage})" for one in board.missing)
        yield (
            f"This board is partial. It was made before everything was finished, without {names}. "
            "Tiers and comparisons are among the models that are here."
        )


def shows(board: Board, study: Study) -> tuple[str, ...]:
    """The sentences every reader must have before the numbers."""
    return tuple(
        line
        for lines in (
            _who_judged(board), _stopped(study), _kin(study), _what_judges_are_like(board), _who_took_part(study),
            _what_was_asked(board, study), _how_sure(board), gaps(board)
        )
        for line in lines
    )  # fmt: skip


def _who_judged(board: Board) -> Iterator[str]:
    rules = [judge.name for judge in board.judges if not judge.language_model]
    models = [judge.name for judge in board.judges if judge.language_model]
    if not models:
        yield f"No language model judged. The judge {_RUBRIC}"
        return
    yield f"Judged by {listed(models)}: what these language models prefer, not what people do."
    if rules:
        yield f"Beside them, in no mean: {_RUBRIC}"


def _stopped(study: Study) -> Iterator[str]:
    if study.judging.stop_early:
        yield (
            "Judging stopped as soon as “better or worse than the reference” was settled (stop_early). Each rate "
            "is pushed away from even by that: read on which side of even it is, not how far."
        )


def _kin(study: Study) -> Iterator[str]:
    """Who is of one family with whom, and which judges nobody will be able to ask again."""
    for line in shared_families(study):
        yield f"The {line}."
    for judge in study.judges:
        if judge.retires:
            yield (
                f"The provider of the judge {judge.model} takes it away on {judge.retires}. Its "
                "verdicts are stored, so this board can be computed again without it."
            )


def _what_judges_are_like(board: Board) -> Iterator[str]:
    """What a reader must know against the judges; nothing where nothing is known against them."""
    for judge in board.judges:
        for kind in judge.failed_controls:
            rate = next(
                one
                for one in board.statistics
                if (one.name, one.judge, one.entrant) == ("control_rate", judge.name, kind)
            )
            must = KINDS[kind.removeprefix(PREFIX)].value
            yield (
                f"The judge {judge.name} failed a control: it rated {kind} "
                f"{told_text(rate)} beside the reference, which must be {must}."
            )
    for one in board.statistics:
        leans = _leaning(one)
        if one.name == "first_rate" and leans:
            place = "first" if leans > 0 else "second"
            yield (
                f"{one.judge} favours what it is shown {place}: of its choices "
                f"{told_text(one)} went to the first (even is 50 %)."
            )
        if one.name == "longer_rate" and leans:
            size = "longer" if leans > 0 else "shorter"
            yield (
                f"{one.judge} takes the {size} answer more often: {told_text(one)} of its choices "
                "went to the longer. Longer answers may be better; the length-controlled rate says "
                "what is left."
            )
        if one.name == "self_agreement" and (one.high or 1.0) < STEADY:
            yield (
                f"{one.judge} is noisy: asked the same once more, it said the same in "
                f"{told_text(one)} of cases. Noise favours nobody; it hides differences."
            )
        if one.name == "people_agreement":
            yield f"Two people who judged one pair said the same in {told_text(one)} of cases."
        if one.name == "own_family_preference" and leans:
            more = "more" if leans > 0 else "less"
            yield (
                f"{one.judge} prefers its own family ({one.entrant}) {more} than judges of other "
                f"families do, by {told_text(one)}."
            )


def _leaning(one: Told) -> int:
    if one.value is None or one.low is None or one.high is None:
        return 0
    even = 0.0 if one.name == "own_family_preference" else 0.5
    return leaning(one.value, one.low, one.high, even=even)


def _who_took_part(study: Study) -> Iterator[str]:
    roles: list[Role] = [*study.teacher, *study.reference, *study.student, *study.judges]
    roles += [study.grader] if study.grader else []
    embedded = MODEL_FREE | {ModelKind.TINY}
    if all(_kind(role) in embedded for role in roles):
        yield (
            "No large language model took part anywhere: teacher, reference and judge are rules, and "
            "the student is a tiny model built on the spot."
        )
    for role in study.reference:
        if _kind(role) is ModelKind.RULES:
            yield (
                "The reference rules is no model: it says what linters and the diff itself can say. "
                "To be better than it is the least that can be asked."
            )
    if any(_kind(role) is ModelKind.RULES_TRUTH for role in study.teacher):
        yield (
            "The teacher rules+truth was told the planted defects of the training side; nobody was "
            "told those of the held-out side."
        )
    if any(
        _kind(role) is ModelKind.TINY and study.train_of(role).tiny.engineered_start
        for role in study.student
    ):
        yield (
            "The tiny student has an engineered start: a circuit that copies was written into its "
            "weights before training. “Before” is that start, not a usual model."
        )


def _what_was_asked(board: Board, study: Study) -> Iterator[str]:
    planted, real = board.pull_requests.get("planted", 0), board.pull_requests.get("real", 0)
    chosen = "people" if study.eval.chosen_by == "human" else "a seeded draw"
    total = board.pull_requests.get("all", 0)
    yield f"Held out: {_pull_requests(total)}, {planted} planted and {real} real, picked by {chosen}."
    if planted:
        defective = _defects(board)
        yield (
            f"Planted pull requests are made from code on this machine; {defective} of the {planted} "
            "hold one simple defect of a known kind on a known line, the others none. To find those "
            "is not to review real pull requests."
        )
    if real:
        yield (
            "The figures on real pull requests are printed as they are. Nobody knows the defects in "
            "them, so nothing here says whether a review of a real pull request is right."
        )
    else:
        yield "No real pull request was held out: nothing here says anything about real ones."


def _how_sure(board: Board) -> Iterator[str]:
    yield (
        f"Intervals are 95 %, from {board.resamples} resamples of whole pull requests, so that several "
        "tools, judges and orders on one pull request are never taken for several facts. † marks "
        "where all pull requests gave the same value: the bounds then are for what was not seen."
    )
    yield (
        "Ties are not better; an answer that does not follow its contract loses. Models in one tier "
        "cannot be told apart from its best by this study."
    )
    seen = [d.detectable for d in board.differences if d.detectable and is_headline(d)]
    if seen:
        yield _detectable(sorted(seen)[len(seen) // 2], len(seen))
    unreadable = sum(row.rate.unreadable for row in board.models if row.rate)
    if unreadable:
        total = sum(row.rate.verdicts for row in board.models if row.rate)
        yield (
            f"{unreadable} of {total} verdicts could not be read, twice. They are in no rate; the "
            "bounds “if all won” and “if all lost” say what they could change."
        )


def _detectable(smallest: float, pairs: int) -> str:
    compared = "1 pair is" if pairs == 1 else f"{pairs} pairs are"
    if smallest >= 1:
        return (
            "This study is too small to see any difference between two models four times in five, however "
            f"large; {compared} compared."
        )
    return (
        "The smallest difference between two models that this study sees four times in five is about "
        f"{100 * smallest:.1f} points; {compared} compared."
    )


def is_headline(difference: Difference) -> bool:
    """Whether it is one of better rates over all judges, tools and pull requests."""
    where = (difference.name, difference.judge, difference.tool, difference.slice)
    return where == ("better_rate", "all", "all", "all")


def _defects(board: Board) -> int:
    """Defects that some row's reviews were measured on: of a row that answered all."""
    counts = [
        estimates["planted_recall"].count
        for row in board.models
        for estimates in row.planted.values()
        if "planted_recall" in estimates
    ]
    return max(counts, default=0)


def _kind(role: Role) -> ModelKind:
    return parse_model_name(role.model).kind


def _pull_requests(count: int) -> str:
    return f"{count} pull request{'' if count == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: "a", "a and b", "a, b and c"; raises IndexError for none."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
