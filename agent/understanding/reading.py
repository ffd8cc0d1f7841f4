"""understand(): one burst in, one Understanding out; the only door of this package, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Sequence

from agent.understanding.amounts import Amounts, blank, read_amounts
from agent.understanding.intents import Intents, list_length, read_intents
from agent.understanding.normalising import Normalised, normalise
from agent.understanding.profile import read_profile
from agent.understanding.quoting import quoted_names
from agent.understanding.tables import lexicon, profile_table, title_pattern
from agent.understanding.types import Entities, Evidence, Understanding
from tools.models import PastPurchase


def understand(
    messages: Sequence[str],
    *,
    context: str | None,
    carried: Sequence[Evidence] = (),
    purchases: Sequence[PastPurchase] = (),
    listed: int = 0,
    product_names: Sequence[str] = (),
) -> Understanding:
    """Understand what a customer sent since the last reply.

    `messages` is the burst, in order; `context` the seller's last message; `carried` the evidence of the turn before;
    `purchases` those on record; `listed` how many products the last list had; `product_names` the names shown before,
    whose words are neither wishes nor evidence when they are said again. Never raises for odd text.
    """
    said = normalise(messages)
    named = quoted_names(said, product_names)
    amounts = read_amounts(blank(said.text, named))
    intents = read_intents(said, amounts, context, list_length(context, listed), named)
    profile = read_profile(said, carried, purchases, named)
    return Understanding(
        profile=profile.profile,
        confidence=profile.confidence,
        price_profile=profile.price_profile,
        distribution=profile.distribution,
        evidence=profile.evidence,
        intents=intents.names,
        entities=Entities(
            quantity=_quantity(amounts, intents, context),
            ordinals=intents.ordinals or amounts.ordinals,
            max_price=amounts.max_price,
            product_query=intents.query,
            affirmation=intents.affirmation,
            ordinal_quantities=amounts.ordinal_quantities,
            points_back=bool(lexicon().points_back.search(said.text)),
            title=_title(said),
        ),
    )


def refers_to_past_purchase(text: str) -> bool:
    """Whether a message asks for what was bought before ("o mesmo da outra vez")."""
    return bool(lexicon().usual.search(normalise([text]).text))


def _quantity(amounts: Amounts, intents: Intents, context: str | None) -> int | None:
    """What was said; a bare number by its meaning; a plain yes accepts what the seller's last question offers."""
    if intents.quantity or intents.ordinals:
        return intents.quantity or (amounts.quantity if amounts.ordinals else None)
    if amounts.quantity is None and intents.affirmation and "adicionar_carrinho" in intents.names:
        return _offered_quantity(context or "")
    return amounts.quantity


def _offered_quantity(seller_text: str) -> int | None:
    said = normalise([seller_text])
    clauses = said.clauses()
    return read_amounts(said.text[slice(*clauses[-1])]).quantity if clauses else None


def _title(said: Normalised) -> str:
    match = title_pattern().search(said.text)
    if not match:
        return ""
    words = next(value for value in match.groupdict().values() if value)
    return profile_table().titles[words]
