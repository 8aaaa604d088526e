"""What the page is made of: the shell, and the pieces that replace each other in it.

Takes a desk and who asks for what; gives HTML. Every text is escaped by the templates and what cannot be
seen of it written out; only diff lines are made by hand, in rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from pullsmith.contracts.own_tools import tools_of
from pullsmith.curate.desk import Desk
from pullsmith.curate.items import (
    REASONS,
    Agreement,
    Choices,
    ChooseItem,
    CleanItem,
    Filter,
    JudgeItem,
    Progress,
    Queue,
    Show,
)
from pullsmith.curate.web.rows import Drawing, Drawings
from pullsmith.curate.web.sections import PART_LINES, Part
from pullsmith.curate.web.seen import exact, plain, seen, seen_lines, spoken
from pullsmith.curate.web.steps import Found, Step, Steps, Wish, names
from pullsmith.errors import ChangedSinceError

FIRST_LINES = PART_LINES + 50  # of a diff, that come with the item; the others are asked for
MORE_LINES = 400  # that are given at a time: a decision does not wait long behind them
_TITLES = {Queue.CLEAN: "Clean", Queue.CHOOSE: "Choose", Queue.JUDGE: "Judge"}

Item = CleanItem | ChooseItem | JudgeItem


@dataclass(frozen=True, slots=True)
class Where:
    """Which lines of which item are asked for: of a section, from the part ``first`` on; 0 is its top."""

    queue: Queue
    name: str
    digest: str
    section: int = 0
    first: int = 0
    apart: bool = False


class Views:
    """The pieces of one desk's page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._steps = Steps(desk)
        self._drawings = Drawings()

    def shell(self, wish: Wish, *, nonce: str, item: str, apart: bool) -> str:
        """The whole page of a queue, with the item that it begins with."""
        return _template("shell").render(
            study=self._desk.study.name,
            wish=wish,
            titles=_TITLES,
            nonce=nonce,
            item=Markup(item),  # noqa: S704, RUF100  # made by a template
            side=Markup(self.side(wish)),  # noqa: S704, RUF100  # made by a template
            choices=self._choices(wish),
            reasons=REASONS,
            apart=apart,
        )

    def door(self, nonce: str) -> str:
        """The page that asks for a name."""
        return _template("door").render(study=self._desk.study.name, nonce=nonce)

    def item(self, wish: Wish, step: Step, origin: str, *, apart: bool) -> str:
        """The item that a step leads to, or that there is none."""
        found = self._steps.find(wish, step, origin)
        progress = self._progress(wish)
        if found.name is None:
            return _template("end").render(
                wish=wish, step=step, found=found, progress=progress, origin=origin
            )
        item = self._item(wish.queue, found.name, wish.who)
        return self._shown(item, wish, found, apart=apart)

    def side(self, wish: Wish) -> str:
        """How far each queue is, and what should be known of the file of decisions."""
        return _template("side").render(
            wish=wish,
            titles=_TITLES,
            progress=self._desk.progress(wish.who),
            notices=self._desk.said(),
        )

    def people(self, wish: Wish) -> str:
        """Who decided how much, and how much they agree."""
        return _template("people").render(
            progress=self._desk.progress(wish.who),
            agreement=[self._told(one) for one in self._desk.agreement()],
            titles=_TITLES,
            who=wish.who,
        )

    def gauge(self, _: Wish) -> str:
        """What is picked beside what should be."""
        cells: dict[str, list[object]] = {}
        for cell in self._desk.choose.gauge():
            cells.setdefault(cell.trait, []).append(cell)
        return _template("gauge").render(
            missing=self._desk.choose.missing(), cells=cells, frozen=self._desk.choose.frozen
        )

    def section(self, where: Where, who: str) -> str:
        """A section of an item's diff, its first lines filled in."""
        drawing = self._drawing(where, who)
        return _template("diff").render(
            drawing=drawing,
            section=where.section,
            filled=_filled(drawing, where, FIRST_LINES),
            omitted=(),
        )

    def rows(self, where: Where, who: str) -> str:
        """Some parts of a section, from one on."""
        drawing = self._drawing(where, who)
        return _template("parts").render(filled=_filled(drawing, where, MORE_LINES))

    def _choices(self, wish: Wish) -> Choices:
        """What a queue can be narrowed down to; values that nothing has are left out."""
        if wish.queue is Queue.CLEAN:
            return self._desk.clean.choices()
        if wish.queue is Queue.CHOOSE:
            cells = [cell for cell in self._desk.choose.gauge() if cell.trait == "language"]
            return Choices(languages=tuple((cell.value, cell.listed) for cell in cells))
        asked = {
            tool: Wish(wish.queue, wish.who, Filter(tool=tool))
            for tool in tools_of(self._desk.study)
        }
        counts = ((tool, len(names(self._desk, one))) for tool, one in asked.items())
        return Choices(tools=tuple((tool, count) for tool, count in counts if count))

    def _told(self, one: Agreement) -> Agreement:
        """The same by the names that the page knows: those of pairs would say whose answers they are."""
        if one.queue is not Queue.JUDGE:
            return one
        tokens = (self._desk.judge.token_of(name) for name in one.differ)
        return replace(one, differ=tuple(token for token in tokens if token))

    def _progress(self, wish: Wish) -> Progress | None:
        return next((one for one in self._desk.progress(wish.who) if one.queue is wish.queue), None)

    def _item(self, queue: Queue, name: str, who: str) -> Item:
        if queue is Queue.JUDGE:
            return self._desk.judge.item(name, who)
        if queue is Queue.CHOOSE:
            return self._desk.choose.item(name)
        return self._desk.clean.item(name)

    def _shown(self, item: Item, wish: Wish, found: Found, *, apart: bool) -> str:
        drawing = self._drawn(item)
        where = Where(wish.queue, item.name, item.digest, apart=apart)
        return _template(wish.queue.value).render(
            item=item,
            wish=wish,
            found=found,
            drawing=drawing,
            section=0,
            filled=_filled(drawing, where, FIRST_LINES),
            omitted=item.shown.omitted,
        )

    def _drawing(self, where: Where, who: str) -> Drawing:
        known = self._drawings.known((where.name, where.digest))
        if known is not None:
            return known
        item = self._item(where.queue, where.name, who)
        if item.digest != where.digest:
            raise ChangedSinceError(f"{item.name} has changed since it was shown: load it again")
        return self._drawn(item)

    def _drawn(self, item: Item) -> Drawing:
        flags = item.flags if isinstance(item, CleanItem) else ()
        return self._drawings.of((item.name, item.digest), item.shown, flags)


def _filled(drawing: Drawing, where: Where, most: int) -> dict[int, Markup]:
    """The rows of the parts that fit into ``most`` lines, by part; of the first one in any case."""
    wanted: list[Part] = []
    lines = 0
    for part in drawing.sections.parts(where.section):
        if part.first < where.first:
            continue
        lines += part.lines
        if wanted and lines > most:
            break
        wanted.append(part)
    return {part.first: drawing.part(part, apart=where.apart) for part in wanted}


def static(name: str) -> str:
    """Our own script or style sheet."""
    return _read("static", name)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(lambda name: _read("templates", name)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(seen=seen, seen_lines=seen_lines, spoken=spoken, exact=exact)
    made.globals.update(Show=Show, Step=Step, Queue=Queue)
    return made


def _template(name: str) -> Template:
    return _environment().get_template(f"{name}.html.jinja")


def _read(folder: str, name: str) -> str:
    return (files("pullsmith.curate.web") / folder / name).read_text(encoding="utf-8")
