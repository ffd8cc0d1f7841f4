"""Conversations in a table: what is said, and what must be answered and stand in the cart afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.offline_seller.shop import Talk, open_talk


@dataclass(frozen=True, slots=True)
class Scene:
    said: tuple[str, ...]
    """One turn each; "|" parts the messages of a burst."""
    last: tuple[str, ...] = ()
    """Texts the last reply must hold."""
    never: tuple[str, ...] = ()
    """Texts the last reply must not hold."""
    cart: dict[str, int] = field(default_factory=dict[str, int])
    profile: str = ""
    bought: str = ""


LIST_OF_SHIRTS = "tem a camiseta fé inabalável preta?"
ENVELOPE = "quanto tá o Envelope de Dízimo e Oferta Pacote com 100?"
HARP = "quanto tá a Harpa Cristã Letra Grande Capa Dura?"
MUG = "quanto custa a caneca mágica salmo 23?"
CAP = "tem o boné fé bordado preto?"

SCENES = {
    "greeting": Scene(("oi",), ("Ana",), profile="novo"),
    "greeting and search": Scene(("bom dia, tem estojo?",), ("Estojo Escolar", "R$ 34,90"), ("Abotoaduras",)),
    "a name is no wish": Scene(("tem envelope de dízimo?", ENVELOPE), ("R$ 26,90",), ("Débora",)),
    "packs of what was talked about": Scene(
        (
            "aqui é o pastor Josué, da congregação de Sumaré|tem envelope de dízimo?",
            ENVELOPE,
            "pode colocar 10 pacotes",
        ),
        ("R$ 269,00",),
        cart={"IGR-DIZ-100": 10},
        profile="pastor",
    ),
    "this one in G, too many": Scene(
        ("tem bata de batismo adulto?", "preciso de 15 dessa G"), ("12", "Bata de Batismo Adulto G"), ("Moletom",)
    ),
    "then as many as there are": Scene(
        ("tem bata de batismo adulto?", "preciso de 15 dessa G", "entendi, então coloca 12"), cart={"BAT-AD-G": 12}
    ),
    "yes to as many as there are": Scene(
        ("tem bata de batismo adulto?", "preciso de 15 dessa G", "sim"), cart={"BAT-AD-G": 12}
    ),
    "more than what is left": Scene(
        ("tem bata de batismo adulto G?", "coloca 10", "coloca mais 5"), ("10", "mais 2"), cart={"BAT-AD-G": 10}
    ),
    "exact name": Scene(("mano qto ta a camiseta fé inabalável preta M?",), ("Preta M",), ("Preta G", "1.")),
    "deal, I take one": Scene(("camiseta fé inabalável preta M", "fechou, vou querer uma"), cart={"CAM-FE-PT-M": 1}),
    "sold out has alternatives": Scene(("tem o boné trucker john 3.16 azul?",), ("sem estoque", "Boné Aba Curva")),
    "not the sold-out one": Scene(
        ("tem o boné trucker john 3.16 azul?", "poxaa, e o boné fé bordado preto, tem?", "quero esse"),
        cart={"BONE-FE": 1},
    ),
    "delight is no query": Scene((CAP, "ai que lindo, coloca um no carrinho"), cart={"BONE-FE": 1}),
    "one more for a sister": Scene(
        (HARP, "quero mais uma, é pra minha irmã da congregação"), cart={"HIN-HAR-LG": 1}, profile="fiel"
    ),
    "a product is no evidence": Scene(("tem caneca?", MUG), ("R$ 49,90",), profile="novo"),
    "large print alone": Scene(("vocês têm bíblia letra grande?",), ("Bíblia Letra Grande",), profile="novo"),
    "pastor with a number": Scene(("sou pastor e preciso de 30 bíblias",), ("Bíblia",), profile="pastor"),
    "ordinal": Scene((LIST_OF_SHIRTS, "quero a segunda"), ("1x Camiseta",)),
    "quantities by ordinal": Scene((LIST_OF_SHIRTS, "quero 3 da primeira e 1 da segunda"), ("3x", "1x", "R$ 279,60")),
    "an ordinal beyond the list": Scene(("tem caneca?", "quero a quinta"), ("número",)),
    "the list outlives a price": Scene(
        (LIST_OF_SHIRTS, "quanto é a segunda?", "e a primeira, quanto é?"), ("R$ 69,90",)
    ),
    "yes after a price": Scene((MUG, "sim"), cart={"CAN-MAGICA": 1}),
    "no after a price": Scene((MUG, "não, obrigada"), (), ("R$",)),
    "a number after a price": Scene((MUG, "2"), cart={"CAN-MAGICA": 2}),
    "a greeting at night": Scene(("oi, boa noite",), ("Novo Israel",), ("Até",)),
    "a number after a list": Scene(("tem caneca?", "2"), ("1x Caneca", "carrinho")),
    "yes to closing": Scene((MUG, "sim", "pode fechar"), ("CEP",), ("Devocional",), cart={"CAN-MAGICA": 1}),
    "closing with nothing but talk": Scene((MUG, "pode fechar", "sim"), ("CEP",), cart={"CAN-MAGICA": 1}),
    "closing an empty cart": Scene(("quero fechar o pedido",), ("carrinho",), ("R$",)),
    "cart": Scene((MUG, "coloca duas", "como está meu carrinho?"), ("2x Caneca Mágica", "R$ 99,80")),
    "discount on nothing": Scene(("tem desconto?",), ("desconto",), ("%",)),
    "discount of what was talked about": Scene((MUG, "faz 20% de desconto?"), ("Caneca Mágica Salmo 23",), ("%",)),
    "a person after a discount": Scene((MUG, "tem desconto?", "quero falar com uma pessoa"), ("Débora",)),
    "a discount without proof": Scene((MUG, "sim", "tem desconto?"), ("não consigo desconto",), ("%",)),
    "a discount that was proven": Scene(
        ("sou o pastor Davi, compro pra igreja", MUG, "quero 2", "faz 20% de desconto?"),
        ("3%", "R$ 96,81"),
        ("20%",),
    ),
    "a better discount, step by step": Scene(
        ("sou o pastor Davi, compro pra igreja", MUG, "quero 2", "faz um desconto?", "tem como melhorar o desconto?"),
        ("5%", "R$ 94,81"),
    ),
    "removing": Scene((MUG, "sim", "tira a caneca do carrinho"), ("arrinho",), ("R$",)),
    "removing one of two": Scene(
        (MUG, "coloca duas", "tira uma caneca"), ("1x Caneca", "R$ 49,90"), cart={"CAN-MAGICA": 1}
    ),
    "another number": Scene(
        (MUG, "coloca duas", "na verdade são 3"), ("3x Caneca", "R$ 149,70"), cart={"CAN-MAGICA": 3}
    ),
    "another number than there is": Scene(
        (MUG, "coloca duas", "na verdade são 30"), ("10",), ("30",), cart={"CAN-MAGICA": 2}
    ),
    "emptying": Scene((MUG, "coloca duas", "esvazia o carrinho"), ("arrinho",), ("R$",)),
    "removing what is not there": Scene((MUG, "sim", "tira o boné"), ("Caneca Mágica",), cart={"CAN-MAGICA": 1}),
    "one idea more": Scene((MUG, "sim"), ("Devocional", "R$ 44,90"), cart={"CAN-MAGICA": 1}),
    "yes to the idea": Scene((MUG, "sim", "sim"), ("R$ 94,80",), cart={"CAN-MAGICA": 1, "DEV-ANO": 1}),
    "no to the idea": Scene((MUG, "sim", "não"), ("fechar",), ("R$",), cart={"CAN-MAGICA": 1}),
    "no second idea": Scene(
        (MUG, "sim", "não", CAP, "coloca um no carrinho"), (), ("Chaveiro",), cart={"CAN-MAGICA": 1, "BONE-FE": 1}
    ),
    "no idea over the budget": Scene(
        ("tem caneca até 50 reais?", MUG, "sim"), ("carrinho",), ("Devocional",), cart={"CAN-MAGICA": 1}
    ),
    "help": Scene(("ajuda",), ("catálogo", "versículo"), ("R$",)),
    "catalogue": Scene(("oi", "catálogo"), ("Bíblias", "Vestuário"), ("R$",)),
    "a verse": Scene(("oi", "versículo"), ("(", "”"), ("R$", "carrinho")),
    "a prayer": Scene(("oi", "Oração"), ("Amém",), ("R$", "carrinho")),
    "the cart as a command": Scene((MUG, "coloca duas", "carrinho"), ("2x Caneca", "R$ 99,80")),
    "closing as a command": Scene((MUG, "sim", "finalizar"), ("CEP",), cart={"CAN-MAGICA": 1}),
    "payment": Scene(("aceita pix?",), ("Pix",)),
    "freight": Scene(("quanto fica o frete pra Manaus?",), ("CEP",)),
    "hours": Scene(("que horas vocês abrem amanhã?",), ("Rua das Oliveiras",)),
    "exchange": Scene(("quero trocar a camiseta, ficou pequena",), ("Débora",)),
    "complaint": Scene(("péssimo atendimento, vou no procon",), ("Débora",)),
    "a person": Scene(("quero falar com uma pessoa",), ("Débora", "fechada")),
    "thanks": Scene(("oi", "obrigada"), (), ("R$", "não entendi")),
    "goodbye": Scene(("oi", "tchau, até amanhã"), ("té",)),
    "out of scope": Scene(("oi", "em quem vc vai votar?"), ("Novo Israel",), ("R$",)),
    "opt-out": Scene(("para de me mandar mensagem",), ("VOLTAR",)),
    "price limit": Scene(("tem bíblia até 20 reais?",), ("R$",), ("Letra Gigante",)),
    "not in this colour": Scene(("tem a camiseta fé inabalável? só não quero preta",), ("Branca M",), ("Preta",)),
    "not in this colour, of another gender": Scene(("tem véu de renda? não quero preta",), ("Branco",), ("Preto",)),
    "not of this kind": Scene(
        ("quero uma harpa cristã, mas não a de capa dura",), ("Pequena Brochura", "Partituras"), ("Capa Dura",)
    ),
    "half of what is not wanted": Scene(
        ("tem harpa cristã? não quero letra hipergigante",), ("Letra Grande Capa Dura", "Pequena Brochura")
    ),
    "nothing else remains": Scene(("tem gravata? não quero gravata",), ("Gravata Slim", "Gravata Tradicional")),
    "not the colour that was shown": Scene(
        ("tem a camiseta fé inabalável?", "não quero preta"), ("Camiseta Fé Inabalável Branca",), ("Preta",)
    ),
    "size and colour first": Scene(("tem camiseta? uso M e gosto de branco",), ("1. Camiseta Fé Inabalável Branca M",)),
    "the colour first": Scene(
        ("tem bíblia letra grande? de preferência marrom",), ("1. Bíblia Letra Grande ARC com Zíper Marrom",)
    ),
    "unknown product": Scene(("vocês vendem geladeira?",), (), ("R$",)),
    "child's Bible": Scene(("procuro uma bíblia infantil pro meu filho de 6 anos",), ("Infantil",), profile="mae"),
    "bought before": Scene(("o mesmo da outra vez",), ("03/05/2026", "Harpa"), bought="Harpa Cristã Pequena Brochura"),
    "never bought": Scene(("o mesmo da outra vez",), (), ("R$",)),
}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
async def test_scene(scene: Scene) -> None:
    talk = await open_talk(bought=scene.bought)
    reply = ""
    for turn in scene.said:
        reply = await talk.say(*turn.split("|"))
    assert [text for text in scene.last if text not in reply] == [], reply
    assert [text for text in scene.never if text in reply] == [], reply
    if scene.cart:
        assert await talk.cart() == scene.cart, reply
    assert talk.memory["profile"] == (scene.profile or talk.memory["profile"])


async def test_a_dead_erp_is_said_with_the_price() -> None:
    talk = await open_talk()
    await talk.say("tem caneca?")
    talk.erp.unavailable = True
    assert "último preço" in await talk.say("quanto é a 1?")


async def test_a_broken_search_is_never_papered_over() -> None:
    talk = await open_talk(searchable=False)
    reply = await talk.say("tem caneca?")
    assert "R$" not in reply
    assert "Débora" in reply


async def test_sold_out_since_it_was_shown_is_not_promised() -> None:
    talk: Talk = await open_talk()
    await talk.say(CAP)
    shown = next(product for product in talk.erp.products.values() if product.sku == "BONE-FE")
    talk.erp.products[shown.id] = type(shown)(**{name: getattr(shown, name) for name in shown.__slots__} | {"stock": 0})
    assert "estoque" in await talk.say("quero")
    assert talk.memory["focus"] is None
    assert await talk.cart() == {}


async def test_a_sold_out_product_above_the_list_does_not_shift_its_numbers() -> None:
    talk = await open_talk()
    reply = await talk.say("tem bata de batismo adulto GG?")
    second = next(line for line in reply.splitlines() if line.startswith("2. "))
    assert talk.memory["listed"][1]["name"] in second


@pytest.mark.parametrize(
    "wish",
    [
        "coloca uma gravata slim no carrinho, não quero azul",
        "põe no carrinho uma bíblia ntlh, mas não a de capa dura",
    ],
)
async def test_what_is_not_wanted_never_lands_in_the_cart(wish: str) -> None:
    talk = await open_talk()
    await talk.say(wish)
    assert talk.state is not None
    understanding = talk.state["understanding"]
    assert understanding is not None
    assert "adicionar_carrinho" in understanding.intents
    assert understanding.entities.negated, "the scene is about what is not wanted"
    assert await talk.cart() == {}
