"""read_entities(): one burst in, everything exact out; readers stand in the order they hide things from each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from agent.understanding.entities.answers import asks_how_many, offers, read_affirmation
from agent.understanding.entities.colors import read_colors
from agent.understanding.entities.corrections import is_correction, read_negated
from agent.understanding.entities.dates import read_dates
from agent.understanding.entities.documents import read_documents
from agent.understanding.entities.found import SaidEntities, Span
from agent.understanding.entities.learnt import Learnt
from agent.understanding.entities.money import join_cents, read_money
from agent.understanding.entities.numerals import USED, Shape
from agent.understanding.entities.people import read_person
from agent.understanding.entities.places import list_length, points_back, read_places
from agent.understanding.entities.quantities import (
    Counted,
    count_at,
    deciding_quantity,
    hide_other_numbers,
    lone_number,
    read_quantities,
    weigh_numbers,
)
from agent.understanding.entities.sizes import read_sizes
from agent.understanding.normalising import Normalised, normalise
from agent.understanding.quoting import quoted_names


def read_entities(
    said: Normalised,
    *,
    context: str | None,
    listed: int,
    products: Sequence[str] = (),
    today: date | None = None,
    learnt: Learnt | None = None,
) -> SaidEntities:
    """Everything exact in a burst.

    `context` is the seller's last message, `listed` the length of the list it showed (0: counted in that message),
    `products` the names shown before, whose numbers count nothing when they are said again, `today` the day that
    dates are seen from, `learnt` what trained models think (without it, rules decide alone). Never raises for odd
    text.
    """
    if not said.tokens:
        return SaidEntities()
    documents = read_documents(said, context)
    length = list_length(context, listed)
    dates, dated = read_dates(said, today, listed=length)
    person = read_person(said)
    quoted = set(_tokens_within(said, quoted_names(said, products))) if products else set[int]()
    shape = Shape(said, documents.taken | dated | quoted)
    numbers = _Numbers(said, shape, context, length)
    if learnt:
        weigh_numbers(said, shape, numbers.counted, learnt)
    affirmation = read_affirmation(said, context)
    quantity = deciding_quantity(shape, numbers.counted)
    if affirmation and context and quantity is None and not numbers.places.ordinals:
        quantity = offered_quantity(context)
    return SaidEntities(
        quantities=numbers.counted.in_order(),
        quantity=quantity,
        ordinals=numbers.places.ordinals,
        ordinal_quantities=numbers.places.pairs,
        points_back=points_back(shape),
        sizes=tuple(numbers.sizes),
        colors=tuple(dict.fromkeys(color for _, color in read_colors(said, context, set(person.tokens)))),
        max_price=numbers.prices.max_price,
        min_price=numbers.prices.min_price,
        money=numbers.prices.in_order(),
        ceps=tuple(documents.ceps),
        cpfs=tuple(documents.cpfs),
        cnpjs=tuple(documents.cnpjs),
        phones=tuple(documents.phones),
        dates=tuple(dates),
        name=person.name,
        title=person.title,
        affirmation=affirmation,
        correction=is_correction(shape, learnt),
        negated=read_negated(said, learnt),
        spans=(*shape.spans, *_spans_of(said, documents.taken | dated)),
    )


def offered_quantity(context: str) -> int | None:
    """The units that a plain yes to the seller's last question takes ("Coloco 7 no carrinho?"), if it offers any."""
    asked = normalise([context])
    clauses = asked.clauses()
    question = asked.text[slice(*clauses[-1])] if clauses else ""
    if not offers(question):
        return None
    counted = Counted()
    shape = Shape(normalise([question]), set())
    join_cents(shape)
    read_money(shape)
    hide_other_numbers(shape)
    read_quantities(shape, counted)
    return deciding_quantity(shape, counted)


class _Numbers:
    """What the numbers of a text are: each is one thing only, so the surer reading comes first."""

    def __init__(self, said: Normalised, shape: Shape, context: str | None, listed: int) -> None:
        join_cents(shape)
        how_many = bool(context) and asks_how_many(context)
        self.places = read_places(shape, listed, chooses=listed > 0 and not how_many)
        self.counted = Counted(dict(self.places.units))
        _read_lone_number(said, shape, self.counted, answers=bool(context or listed))
        self.prices = read_money(shape)
        self.sizes, sized = read_sizes(said, shape, context)
        for at in sized:
            count_at(shape, self.counted, at)
        hide_other_numbers(shape)
        read_quantities(shape, self.counted)


def _read_lone_number(said: Normalised, shape: Shape, counted: Counted, *, answers: bool) -> None:
    """A number that is a whole line counts units after a question, and nothing when nobody asked."""
    places = [at for start, end in said.lines if (at := lone_number(shape, start, end)) is not None]
    if not places or shape.text[places[-1]] == USED:
        return
    if answers:
        count_at(shape, counted, places[-1])
    elif len(shape.typed) == 1:
        shape.take(0, 1)


def _tokens_within(said: Normalised, spans: Sequence[Span]) -> Iterator[int]:
    return (at for at, start in enumerate(said.starts) if any(first <= start < end for first, end in spans))


def _spans_of(said: Normalised, tokens: set[int]) -> Iterator[Span]:
    return ((said.starts[at], said.starts[at] + len(said.tokens[at])) for at in sorted(tokens))
