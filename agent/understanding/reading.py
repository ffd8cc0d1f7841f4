"""MessageReader: one burst in, one Understanding out; the only door of this package, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

from agent.understanding.entities import Learnt, SaidEntities, read_entities
from agent.understanding.entities.corrections import HARDLY
from agent.understanding.intents import SOCIAL, read_intents, weigh_burst
from agent.understanding.normalising import Normalised, normalise
from agent.understanding.profile import SaidMessage, read_profile
from agent.understanding.query import product_query
from agent.understanding.quoting import quoted_names
from agent.understanding.tables import correction_pattern, lexicon
from agent.understanding.trained import TrainedModels
from agent.understanding.types import Entities, Evidence, Understanding
from tools.models import PastPurchase

MOVES_THE_CART = frozenset({"adicionar_carrinho", "remover_carrinho", "finalizar_pedido"})
AFTER_SALE = frozenset({"status_pedido", "trocar_devolver", "reclamacao", "falar_humano", "cancelar_contato"})


@dataclass(frozen=True, slots=True)
class MessageReader:
    """Reads what customers write with models of one version; cheap to make, keeps nothing between two readings."""

    models: TrainedModels

    def read(
        self,
        messages: Sequence[str],
        *,
        context: str | None,
        carried: Sequence[Evidence] = (),
        purchases: Sequence[PastPurchase] = (),
        listed: int = 0,
        product_names: Sequence[str] = (),
        today: date | None = None,
    ) -> Understanding:
        """Understand what a customer sent since the last reply.

        `messages` is the burst, in order; `context` the seller's last message; `carried` the evidence of the turn
        before; `purchases` those on record; `listed` how many products the last list had; `product_names` the names
        shown before, whose words are neither wishes nor evidence when they are said again; `today` makes "sexta" a
        day. Never raises for odd text.
        """
        said = normalise(messages)
        asked = normalise([context]) if context else None
        named = [said.tokens_of(span) for span in quoted_names(said, product_names)]
        chances = weigh_burst(said, asked, self.models.intents)
        marks = self.models.words.read(said, refuses=chances["refuses"] >= HARDLY)
        tagged = _together(marks.products, named)
        found = read_entities(
            said,
            context=context,
            listed=listed,
            products=product_names,
            today=today,
            learnt=Learnt(chances["corrects"], chances["refuses"], marks),
        )
        intents = _as_said(
            read_intents(said, chances, names_product=bool(tagged)),
            found,
            said,
            shown=bool(listed or context),
            named=bool(tagged),
        )
        profile = read_profile(_parted(messages, said, product_names), carried, purchases, self.models.evidence)
        return Understanding(
            profile=profile.profile,
            confidence=profile.confidence,
            price_profile=profile.price_profile,
            distribution=profile.distribution,
            evidence=profile.evidence,
            intents=intents,
            entities=Entities(
                **{field.name: getattr(found, field.name) for field in fields(found)},
                products=tuple(said.quote(*_text_span(said, span)) for span in tagged),
                product_query=product_query(said, tagged, found, intents),
            ),
        )


def refers_to_past_purchase(text: str) -> bool:
    """Whether a message asks for what was bought before ("o mesmo da outra vez")."""
    return bool(lexicon().usual.search(normalise([text]).text))


def _as_said(
    intents: tuple[str, ...], found: SaidEntities, said: Normalised, *, shown: bool, named: bool
) -> tuple[str, ...]:
    """The intents, put right by what is sure: "15 dessa" takes what was shown, "o da outra vez" looks for it."""
    asks = {"buscar_produto"} if "?" in said.tokens or not found.quantities else {"buscar_produto", "perguntar_estoque"}
    if shown and found.points_back and not set(intents) - asks - SOCIAL:
        return ("adicionar_carrinho", *(intent for intent in intents if intent in SOCIAL))
    if "agradecimento" in intents and found.affirmation is not True and not _takes_something(found, named):
        # A thank-you alone moves nothing in the cart, however often it follows an offer in the data.
        intents = tuple(intent for intent in intents if intent not in MOVES_THE_CART)
    if not set(intents) & AFTER_SALE and lexicon().usual.search(said.text):
        return ("buscar_produto", *(intent for intent in intents if intent in SOCIAL))
    return intents


def _takes_something(found: SaidEntities, named: bool) -> bool:
    return named or found.points_back or bool(found.ordinals or found.quantities or found.sizes or found.colors)


def _together(tagged: Sequence[tuple[int, int]], named: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The tagger's product spans, but the names of products shown whole, as they were shown."""
    free = [(start, end) for start, end in tagged if not any(start < last and first < end for first, last in named)]
    return sorted([*free, *named])


def _parted(messages: Sequence[str], burst: Normalised, product_names: Sequence[str]) -> Iterator[SaidMessage]:
    """Each message by itself: what a later one says may take an earlier one back."""
    for message in messages:
        said = burst if len(messages) == 1 else normalise([message])
        corrects = bool(correction_pattern().search(said.text))
        yield SaidMessage(said, quoted_names(said, product_names), corrects)


def _text_span(said: Normalised, tokens: tuple[int, int]) -> tuple[int, int]:
    first, last = tokens[0], tokens[1] - 1
    return said.starts[first], said.starts[last] + len(said.tokens[last])
