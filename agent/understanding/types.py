"""What local understanding says about a burst of messages: profile with evidence, intents, entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.understanding.entities.found import SaidEntities

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
    is_role: bool = False
    """Stated of themselves ("sou tesoureira"): true, but not yet what this purchase is for."""


@dataclass(frozen=True, slots=True)
class Entities(SaidEntities):
    products: tuple[str, ...] = ()
    """What is named as merchandise, as typed, in order of saying."""
    product_query: str = ""
    """The words that name what is wanted, ready for catalogue search; "" when none."""


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
