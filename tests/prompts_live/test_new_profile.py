"""One profile file, and nothing else: its customers are recognised by what they say, and served by its strategy."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from agent.prompt_library import load_prompts
from tests.prompts_live.conftest import OpenShop

LEARNING_SECONDS = 180
"""A training takes some ten seconds on an idle machine."""

REVENDEDOR = """\
---
label: revendedor
applies_when: compra para vender de novo, na loja, na banca ou por catálogo
tone: direto e prático, de comerciante para comerciante; trata por você
tools:
  - search_products
  - get_product
  - view_cart
  - add_to_cart
  - call_attendant
voice:
  thanks_reply:
    - "Boas vendas{vocative}!"
examples:
  stated:
    - "sou revendedora, tenho uma banca na feira de domingo"
    - "trabalho com revenda de artigos evangélicos aqui em Belém"
    - "queria repor o estoque da minha papelaria"
    - "tenho uma livraria pequena e quero colocar bíblia na vitrine"
    - "é pra vender na cantina da igreja, eu que toco o comércio lá"
    - "vendo de porta em porta e preciso de mercadoria nova"
    - "sou lojista, compro sempre por caixa"
    - "abri um comércio gospel faz dois meses e tô montando estoque"
    - "eu revendo pelo catálogo pras vizinhas, sai muita caneca"
    - "compramos pra nossa loja no centro, temos CNPJ"
    - "meu marido tem um box no mercado e a gente quer revender"
    - "vou revender no bazar, qro saber como funciona"
  style:
    - "qual o valor no atacado?"
    - "a partir de quantas peças faz pacote fechado?"
    - "vocês passam tabela de revenda?"
    - "tem pedido mínimo pra comerciante?"
---
Compra para vender de novo: quer giro, variedade e resposta curta.

## Abertura
Pergunte o que sai mais na loja da pessoa e mostre opções parecidas.
"""

SAID = "oi boa tarde, vi a página de vcs. compro pra revender na minha lojinha, tem caneca?"
OTHERS = {
    "oi, tudo bem?": "novo",
    "sou pastor e preciso de 30 bíblias para a igreja": "pastor",
    "procuro uma bíblia infantil pra minha filha de 5 anos": "mae",
}


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "profiles" / "revendedor.md"


async def learnt(shop: OpenShop, folder: Path) -> None:
    """Wait until the shop is taught what its files say now, while it serves."""
    seller = shop.installation.seller
    examples = load_prompts(folder).examples
    before = seller.taught.current(seller.prompts.current().examples)
    ends = time.monotonic() + LEARNING_SECONDS
    while seller.taught.current(seller.prompts.current().examples) is before:
        assert time.monotonic() < ends, "nothing was learnt"
        await asyncio.sleep(0.2)
    assert seller.prompts.current().examples == examples


async def test_a_file_makes_a_profile_that_is_recognised_and_served(open_shop, folder: Path, file: Path) -> None:
    async with open_shop() as shop:
        unknown = await shop.talk("5500900000710").say(SAID)
        file.write_text(REVENDEDOR, encoding="utf-8")
        await learnt(shop, folder)
        examples = load_prompts(folder).profiles["revendedor"]
        assert SAID not in (*examples.stated_examples, *examples.style_examples)

        dialogue = shop.talk("5500900000711")
        answer = await dialogue.say(SAID)
        thanked = await dialogue.say("obrigada")
        others = {said: (await shop.talk(f"550090000072{place}").say(said)) for place, said in enumerate(OTHERS)}

    assert unknown.profile != "revendedor"
    understood = answer.trace["understanding"]
    assert (answer.profile, understood["price_profile"]) == ("revendedor", "revendedor")
    (piece,) = [piece for piece in understood["evidence"] if piece["profile"] == "revendedor"]
    assert piece["kind"] == "stated"
    assert "revender" in piece["words"]
    assert "strategy_revendedor" in answer.trace["path"]
    assert answer.trace["prompts"]["profiles/revendedor.md"] == load_prompts(folder).versions["profiles/revendedor.md"]
    assert "caneca" in " ".join(answer.replies).casefold()
    # What was said once holds: the next turn runs the same node and speaks with the file's own words.
    assert "strategy_revendedor" in thanked.trace["path"]
    assert thanked.replies == ("Boas vendas, Ana!",)
    assert {said: other.profile for said, other in others.items()} == OTHERS
