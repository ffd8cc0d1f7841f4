"""The token count is near enough to budget by without the exact counter, and exact with it."""

from __future__ import annotations

import pytest

from agent.prompt_library.tokens import EXACT, count_tokens, estimate_tokens, token_counter

# Counted once with the vocabulary o200k_base of current OpenAI models.
COUNTED = [
    ("Oi! Que bom te receber na loja. Em que posso ajudar?", 14),
    (
        "Preço, estoque, desconto, prazo, frete, total e tamanho disponível só existem se vieram de uma ferramenta "
        "neste turno. Se o número veio de uma mensagem antiga, consulte de novo antes de repetir.",
        42,
    ),
    (
        "Compra com carinho e com orçamento: a idade da criança e a ocasião decidem mais que o título do produto. "
        "Acolha e pergunte a idade ou a ocasião. Se já disse, não pergunte de novo.",
        45,
    ),
]


@pytest.mark.parametrize(("text", "tokens"), COUNTED, ids=["short", "rules", "profile"])
def test_the_estimate_is_near_the_count(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == pytest.approx(tokens, rel=0.15)


def test_more_text_is_never_fewer_tokens() -> None:
    text = COUNTED[1][0]
    counts = [count_tokens(text[:end]) for end in range(0, len(text), 25)]
    assert counts == sorted(counts)
    assert counts[0] == 0


@pytest.mark.parametrize(("text", "tokens"), COUNTED, ids=["short", "rules", "profile"])
def test_the_exact_counter_counts_exactly(text: str, tokens: int) -> None:
    pytest.importorskip("toktok", reason="toktok-rs is not installed")
    assert token_counter() == EXACT
    assert count_tokens(text) == tokens
