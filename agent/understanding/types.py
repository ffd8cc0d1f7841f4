"""What local understanding says about a burst of messages: profile with evidence, intents, entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tools.models import Money

EvidenceKind = Literal["stated", "stylistic"]

INTENTS = (
    "saudacao",
    "buscar_produto",
    "perguntar_preco",
    "perguntar_estoque",
    "adicionar_carrinho",
    "remover_carrinho",
    "ver_carrinho",
    "pedir_desconto",
    "finalizar_pedido",
    "forma_pagamento",
    "frete_prazo",
    "status_pedido",
    "trocar_devolver",
    "falar_humano",
    "reclamacao",
    "horario_endereco",
    "agradecimento",
    "despedida",
    "cancelar_contato",
    "fora_de_escopo",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a profile, in words a shop owner understands."""

    profile: str
    kind: EvidenceKind
    """Only stated evidence (what they are, for whom they buy, a purchase on record) may ever support a price."""
    words: str
    """Such as "disse: 'é pra igreja'"."""
    weight: float
    """0 to 1 before decay."""


@dataclass(frozen=True, slots=True)
class Entities:
    quantity: int | None = None
    ordinals: tuple[int, ...] = ()
    """1-based positions in the last list shown ("a segunda" is 2; "a última" is -1)."""
    max_price: Money | None = None
    product_query: str = ""
    """The words that name what is wanted, ready for catalogue search; "" when none."""
    affirmation: bool | None = None
    """True for a yes, False for a no, None for neither."""
    ordinal_quantities: tuple[tuple[int, int], ...] = ()
    """Pairs (place, units) of "3 da primeira e 1 da segunda"; places as in `ordinals`."""
    points_back: bool = False
    """Takes what the seller last showed without naming it ("coloca uma", "15 dessa")."""
    title: str = ""
    """Title the customer used for themselves: "pastora", "irmã"…"""


@dataclass(frozen=True, slots=True)
class Understanding:
    profile: str
    """The tone profile: which strategy answers."""
    confidence: float
    price_profile: str
    """The profile that stated evidence alone supports; "novo" without any."""
    distribution: Mapping[str, float]
    evidence: tuple[Evidence, ...]
    intents: tuple[str, ...]
    """Of INTENTS, strongest first; never empty."""
    entities: Entities = field(default_factory=Entities)
