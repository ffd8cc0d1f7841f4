"""Names and titles people give themselves, what yes and no answer, and what is put right or not wanted."""

from __future__ import annotations

import pytest

from agent.understanding.entities import SaidEntities, read_entities
from agent.understanding.normalising import normalise

OFFER = "Coloco uma no carrinho?"


def read(text: str, context: str | None = None) -> SaidEntities:
    return read_entities(normalise([text]), context=context, listed=0)


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("aqui é a Josefa", "Josefa", ""),
        ("me chamo ana paula", "ana paula", ""),
        ("aqui quem fala é dona Maria das Dores de Crato", "Maria das Dores", ""),
        ("é o Zé da Harpa", "Zé da Harpa", ""),
        ("sou eu de novo, Thaís", "Thaís", ""),
        ("Pastora Ivonete aqui, de Ananindeua", "Ivonete", "pastora"),
        ("a paz, sou o missionário Elcio", "Elcio", "missionário"),
        ("Quero 3 harpas. Atenciosamente, Raimundo Nonato, tesoureiro.", "Raimundo Nonato", "tesoureiro"),
        ("Segue o orçamento da igreja. Pr. Wanderley", "Wanderley", "pastor"),
        ("sou pastora", "", "pastora"),
        ("não sou pastor", "", ""),
        ("sou irmã da Joana", "", ""),
        ("meu pastor indicou vocês", "", ""),
        ("oi irmã", "", ""),
        ("Bom dia, Dona Lurdes", "", ""),
        ("Queria a harpa, irmã Ana", "", ""),
        ("obrigada, Cláudia", "", ""),
        ("o nome dela é Josefa", "", ""),
        ("sou mãe de dois", "", ""),
        ("sou de Goiânia", "", ""),
        ("aqui tá chovendo", "", ""),
    ],
)
def test_own_name_and_title(text: str, name: str, title: str):
    found = read(text)
    assert (found.name, found.title) == (name, title)


@pytest.mark.parametrize(
    "text",
    [
        "sim",
        "sim, pode mandar 2",
        "pode botar no carrinho sim",
        "claro!",
        "bom dia, quero sim",
        "ok",
        "blz, coloca",
        "👍",
    ],
)
def test_yes(text: str):
    assert read(text, OFFER).affirmation is True


@pytest.mark.parametrize(
    "text",
    [
        "não",
        "quero não, obg",
        "nem precisa",
        "nenhuma dessas serviu",
        "agora não, tô dirigindo",
        "ainda não",
        "essa não, a outra",
        "vou levar não",
    ],
)
def test_no(text: str):
    assert read(text, OFFER).affirmation is False


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("quanto custa?", OFFER),
        ("ok", "Seu pedido saiu para entrega."),
        ("a azul", "Qual cor você prefere?"),
        ("não recebi o código", "Seu pedido saiu para entrega."),
        ("ok vou falar com meu marido", OFFER),
        ("obrigada", OFFER),
        ("bom dia", None),
    ],
)
def test_neither_yes_nor_no(text: str, context: str | None):
    assert read(text, context).affirmation is None


@pytest.mark.parametrize(
    "text",
    [
        "na verdade são 5",
        "não, a preta",
        "sim, mas só duas",
        "errei o cep",
        "mudei de ideia",
        "3 becas, digo, 2",
        "são 3 e não 2",
        "não foi isso que pedi",
        "eu perguntei o horário, não o frete",
    ],
)
def test_corrections(text: str):
    assert read(text).correction


@pytest.mark.parametrize("text", ["quero 3 canecas", "não quero", "não, obrigada", "te digo amanhã", "é caro"])
def test_nothing_is_put_right(text: str):
    assert not read(text).correction


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("não a Rosa, quero a lilás", ("Rosa",)),
        ("sem capa dura pfv", ("capa dura",)),
        ("sem índice e sem zíper", ("índice", "zíper")),
        ("não quero com zíper, só a normal", ("zíper",)),
        ("nem preta nem branca", ("preta", "branca")),
        ("rosa não, azul", ("rosa",)),
        ("cinza não gosto", ("cinza",)),
        ("qualquer cor menos preta", ("preta",)),
        ("tira a preta e põe a azul", ("preta",)),
        ("são 60 não 50", ()),
        ("parcela sem juros?", ()),
        ("suco sem álcool", ()),
        ("não quero mais receber nada", ()),
        ("não tenho cartão", ()),
        ("não quero falar com robô", ()),
        ("agora não", ()),
    ],
)
def test_what_is_not_wanted(text: str, negated: tuple[str, ...]):
    assert read(text).negated == negated
