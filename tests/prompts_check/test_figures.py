"""Figures typed in text are found in every form Brazilians write them, and ordinary numbers are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prompts_check.conftest import append, codes_in, findings_in, line_of, plant

TYPED = {
    "P201": [
        "R$ 59,90", "r$59", "R＄ 10", "59 reais", "cinquenta e nove reais", "é 59,90 cada", "custa 50",
        "sai por cinquenta", "por vinte e nove e noventa", "R$1.200,00", "vinte conto", "a partir de 30",
        "mil e duzentos reais", "10 pila", "noventa centavos", "cento e vinte reais", "R$ vinte", "por só 25",
    ],
    "P202": [
        "10%", "12,5 %", "10 por cento", "vinte e cinco por cento", "desconto de 10", "desconto de dez",
        "metade do preço", "leve três e pague dois", "frete grátis", "a entrega é grátis",
    ],
    "P203": [
        "3x sem juros", "em 12 x", "parcelamos em até dez vezes", "6 parcelas", "três vezes sem juros",
        "seis prestações", "parcelo em duas vezes",
    ],
    "P204": [
        "5 em estoque", "temos 10 unidades", "restam 3", "restam duas", "últimas unidades", "sempre em estoque",
        "só temos cinco", "temos vinte bíblias",
    ],
    "P205": ["3 dias úteis", "entrega em 2 dias", "chega em 24 horas", "em até 5 dias", "entregamos amanhã"],
}  # fmt: skip

ORDINARY = [
    "Rua das Oliveiras, 120, Centro", "das 9h às 12h", "feriado em 2026-10-12", "CVV 188, SAMU 192 ou Disque 100",
    "de uma a quatro frases curtas", "não faça duas perguntas seguidas", "duas ou três opções", "Salmo 23, versículo 4",
    "Isaías 40:31", "capa de 14,5 cm", "tamanho 10", "mais de uma vez", "a partir de 18 anos", "vale a pena",
    "repita duas vezes o nome", "o valor real é o da ferramenta", "Bíblia em um volume", "por dois motivos",
    "há duas formas de pagar", "as doze tribos", "em um dia comum", "entrega em domicílio",
]  # fmt: skip


@pytest.mark.parametrize("code", TYPED)
def test_every_form_is_found_in_an_instruction(folder: Path, code: str) -> None:
    file = "profiles/mae.md"
    append(folder, file, "\n## Fechamento")
    for text in TYPED[code]:
        append(folder, file, f"- Diga à pessoa: {text}.")
    assert missed(folder, file, code) == []


@pytest.mark.parametrize("code", TYPED)
def test_every_form_is_found_in_a_ready_sentence(folder: Path, code: str) -> None:
    variants = "".join(f'  "Aqui é assim: {text}!",\n' for text in TYPED[code])
    plant(folder, "phrases.pt-BR.toml", "thanks_reply = [", f"thanks_reply = [\n{variants}")
    assert missed(folder, "phrases.pt-BR.toml", code) == []


def missed(folder: Path, file: str, code: str) -> list[str]:
    """The planted forms on whose line nothing with this code was found."""
    found = {finding.line for finding in findings_in(folder) if (finding.file, finding.code) == (file, code)}
    return [text for text in TYPED[code] if line_of(folder, file, f": {text}") not in found]


def test_ordinary_numbers_are_left_alone(folder: Path) -> None:
    for text in ORDINARY:
        append(folder, "profiles/mae.md", f"- {text}.")
    assert [code for code in codes_in(folder) if code.startswith("P2")] == []


def test_the_discount_policy_may_hold_figures(folder: Path) -> None:
    append(folder, "policy/campanha.toml", 'nota = "10% para quem compra 20 unidades, até R$ 30,00"')
    assert [code for code in codes_in(folder) if code.startswith("P2")] == []


def test_what_customers_write_in_examples_may_hold_figures(folder: Path) -> None:
    plant(folder, "profiles/mae.md", "  stated:\n", '  stated:\n    - "é pro meu filho, tem por 30 reais?"\n')
    assert [code for code in codes_in(folder) if code.startswith("P2")] == []


def test_the_freight_table_may_hold_prices_and_nothing_that_is_read_to_customers_may(folder: Path) -> None:
    assert [code for code in codes_in(folder) if code.startswith("P2")] == []
    plant(folder, "store.toml", '{ name = "PAC", price = "18,90"', '{ name = "PAC em 5 dias úteis", price = "18,90"')
    plant(folder, "store.toml", 'name = "Sudeste"', 'name = "Sudeste, por 24,90"')
    found = [(finding.code, finding.line) for finding in findings_in(folder) if finding.code.startswith("P2")]
    assert found == [
        ("P205", line_of(folder, "store.toml", "PAC em 5 dias úteis")),
        ("P201", line_of(folder, "store.toml", "Sudeste, por 24,90")),
    ]
    plant(folder, "store.toml", "dá para retirar na loja", "dá para retirar na loja, e o frete custa 18,90")
    assert "P201" in [finding.code for finding in findings_in(folder) if "retirar na loja" in finding.source]
