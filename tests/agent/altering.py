"""Makes wrong replies of right ones: another figure in some written form, another product, stock, days, gifts."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.agent.replies import RightReply
from tools.models import Money

_AMOUNT = re.compile(r"R\$ ([\d.]+),(\d\d)")
_STOCK = re.compile(r"\b(\d+)(?= em estoque| unidades)")
_TENS = ("vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa")
_INVENTED = (
    "Bíblia NVI Letra Gigante Rosa",
    "Camiseta Leão de Judá Vinho GG",
    "Caneca Térmica Gratidão",
    "Livro Vida Com Propósito Edição Luxo",
)
_ADDED = (
    "Temos {n} em estoque.",
    "Restam {n} unidades.",
    "Chega sexta.",
    "Chega amanhã na sua casa.",
    "Entregamos em {n} dias úteis.",
    "Fica pronto até dia {n}.",
    "Frete grátis!",
    "E consegui {n}% de desconto pra você.",
    "Leve 3 pague 2.",
    "Faço tudo por {n}.",
    "À vista sai pela metade do preço.",
    "Dá pra parcelar em {n}x sem juros.",
    "Seu pedido nº {n}77 já saiu.",
    "Veja em loja-barata.com.br/x.",
    "Também tem no XGG.",
    "Temos na cor lilás.",
    "O frete é de graça.",
    "Dou doze por cento se fechar hoje.",
    "São as últimas unidades, só restam {n}!",
    "Chega em 24 horas.",
)


def alter(reply: RightReply, rng: random.Random) -> str | None:
    """A wrong reply made of this one; None when it holds nothing to alter."""
    kinds: list[Callable[[str, random.Random], str | None]] = [
        _other_amount,
        _other_stock,
        _swapped_names,
        _invented,
        _added,
    ]
    rng.shuffle(kinds)
    return next((text for kind in kinds if (text := kind(reply.text, rng)) and text != reply.text), None)


def _other_amount(text: str, rng: random.Random) -> str | None:
    places = list(_AMOUNT.finditer(text))
    if not places:
        return None
    place = rng.choice(places)
    centavos = int(place[1].replace(".", "")) * 100 + int(place[2])
    other = centavos + rng.choice((-1000, -300, 700, 1300, 2100, -1, 9))
    other = other if other > 0 else centavos + 1700
    return text[: place.start()] + _write(other, rng) + text[place.end() :]


def _write(centavos: int, rng: random.Random) -> str:
    reais, cents = divmod(centavos, 100)
    plain = f"{reais},{cents:02d}"
    full_width = plain.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    keycaps = "".join(f"{digit}\ufe0f\u20e3" if digit.isdigit() else digit for digit in plain)
    forms = [
        str(Money(centavos)),
        f"R${plain}",
        plain,
        f"{reais}.{cents:02d}",
        f"{plain} reais",
        f"R$ {full_width}",
        f"R$ {keycaps}",
        f"R$ {plain[0]}\u200b{plain[1:]}",
        "R$ " + " ".join(str(reais)) + f",{cents:02d}",
        f"{reais} reais e {cents} centavos",
        f"R$ {reais} , {cents:02d}",
        f"{rng.choice(_TENS)} e sete reais",
        f"{rng.choice(_TENS)} e três e noventa",
        f"{reais + 1} conto",
        f"R$ {reais + 3}",
    ]
    return rng.choice(forms)


def _other_stock(text: str, rng: random.Random) -> str | None:
    places = list(_STOCK.finditer(text))
    if not places:
        return None
    place = rng.choice(places)
    number = int(place[1]) + rng.choice((1, 4, 11, 37))
    return (
        text[: place.start()]
        + rng.choice((str(number), f"{number}\ufe0f\u20e3", "dezenove" if number != 19 else "treze"))
        + text[place.end() :]
    )


def _swapped_names(text: str, rng: random.Random) -> str | None:
    del rng
    lines = [line for line in text.splitlines() if re.match(r"\d+[.)x] ?\D.*R\$", line)]
    if len(lines) < 2 or _AMOUNT.findall(lines[0]) == _AMOUNT.findall(lines[1]):
        return None
    first, second = (_AMOUNT.search(line) for line in lines[:2])
    assert first and second
    swapped = {lines[0]: lines[0].replace(first[0], second[0]), lines[1]: lines[1].replace(second[0], first[0])}
    return "\n".join(swapped.get(line, line) for line in text.splitlines())


def _invented(text: str, rng: random.Random) -> str:
    name = rng.choice(_INVENTED)
    return text + rng.choice(
        (
            f"\nTambém temos a {name}.",
            f" E tem a {name} em estoque.",
            f"\n3. {name}: R$ 59,93",
            f" {name} sai por 49,93.",
        )
    )


def _added(text: str, rng: random.Random) -> str:
    return f"{text} {rng.choice(_ADDED).format(n=rng.choice((13, 17, 19, 23, 31)))}"
