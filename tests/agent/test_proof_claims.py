"""Each kind of claim by itself: what proves it, what does not, and what only sounds like it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.proof.ledger import KEPT_NAMES, KEPT_OTHERS, discount_in_force, empty_ledger, ledger_of, record_runs
from agent.state import ToolRun
from tests.agent.proving import NOW, cart, check, freight, goods, line, money, run, search, sources, unproven

PRETA = goods("Camiseta Leão Preta M", 5990, 3)
BRANCA = goods("Camiseta Leão Branca G", 5490, 7)
GONE = goods("Camiseta Leão Azul P", 5290, 0)
BOOK = goods("Livro Fé e Graça", 3290, 4, "192 páginas. A partir de 12 anos. Papel 100% reciclado.")
CART = cart(line("Caneca Salmo 23", 4490, 2), line("Devocional Manhã", 3490, 1))
ROADS = freight(("motoboy", 1200, 1), ("PAC", 1690, 4))
GRANT = run(
    "propose_discount",
    {
        "decisao": "concedido",
        "palavras": "Consegui 10% de desconto: de R$ 100,00 por R$ 90,00.",
        "desconto_percentual": "10%",
        "valido_ate": (NOW + timedelta(hours=8)).isoformat(timespec="minutes"),
        "carrinho": {
            "itens": [],
            "subtotal": money(10000),
            "desconto": money(1000),
            "desconto_percentual": "10%",
            "total": money(9000),
        },
    },
)
ORDER = run(
    "confirm_order",
    {
        "pedido": {"numero": 1187, "total": money(9000), "status": "confirmado, aguardando pagamento"},
        "pagamento": {"metodo": "link", "link": "https://pay.exemplo/Abc", "valido_ate": "2026-09-16T15:30-03:00"},
    },
)

Case = tuple[str, list[ToolRun], str]

RIGHT: list[Case] = [
    ("A preta sai por R$ 59,90 e a branca por R$ 54,90.", [search(PRETA, BRANCA)], ""),
    ("R$ 59,90 a preta, R$ 54,90 a branca.", [search(PRETA, BRANCA)], ""),
    ("A preta e a branca: R$ 59,90 e R$ 54,90.", [search(PRETA, BRANCA)], ""),
    ("As duas juntas dão R$ 114,80.", [search(PRETA, BRANCA)], ""),
    ("A preta (R$ 59,90) + a branca (R$ 54,90) = R$ 114,80.", [search(PRETA, BRANCA)], ""),
    ("A branca é R$ 5,00 mais barata que a preta.", [search(PRETA, BRANCA)], ""),
    ("3 camisetas pretas saem R$ 179,70.", [search(PRETA, BRANCA)], ""),
    ("Por R$ 50 não consigo, fica R$ 59,90 a preta.", [search(PRETA, BRANCA)], "faz por 50?"),
    ("Não consigo fazer por R$ 50.", [search(PRETA, BRANCA)], "faz por 50?"),
    ("A branca cabe nos seus R$ 60,00.", [search(PRETA, BRANCA)], "até 60 reais"),
    ("Temos 3 da preta e 7 da branca.", [search(PRETA, BRANCA)], ""),
    ("A azul acabou.", [search(PRETA, GONE)], ""),
    ("Do XG não temos.", [search(PRETA, BRANCA)], "tem XG?"),
    ("Tem 192 páginas e é a partir de 12 anos.", [search(BOOK)], ""),
    ("O papel é 100% reciclado.", [search(BOOK)], ""),
    ("Seu carrinho tem 3 itens, total R$ 124,70.", [CART], ""),
    ("2x Caneca Salmo 23: R$ 89,80", [CART], ""),
    ("2x Caneca Salmo 23 (R$ 44,90 cada)", [CART], ""),
    ("Com o motoboy fica R$ 136,70.", [CART, ROADS], ""),
    ("O PAC sai R$ 16,90, em até 4 dias úteis.", [CART, ROADS], ""),
    ("R$ 12,00 pelo motoboy ou R$ 16,90 pelo PAC.", [ROADS], ""),
    ("CEP 13010-000: motoboy por R$ 12,00.", [ROADS], ""),
    ("Consegui 10% de desconto, fica R$ 90,00!", [GRANT], ""),
    ("30% não dá, mas 10% de desconto eu consegui.", [GRANT], "faz 30%?"),
    ("O responsável vai avaliar os 30%.", [], "faz 30%?"),
    ("Pedido 1187 registrado. Pague em https://pay.exemplo/Abc até 16/09 às 15h30.", [ORDER], ""),
    ("Assim que o pagamento for confirmado eu aviso a Débora.", [ORDER], ""),
    ("Dá pra pagar em 2x no cartão.", [run("x", {"aviso": "Pagamento em 2x no cartão de crédito"})], ""),
    ("Pago em 1 vez no Pix.", [CART], ""),
    ("Ela faz 8 aninhos, que lindo!", [search(BOOK)], "minha filha faz 8 anos"),
    ("3 camisetas pretas saem R$ 161,73 com os 10%.", [search(PRETA, BRANCA), GRANT], ""),
    ("No cartão de crédito ou débito, boleto e dinheiro na loja.", [], ""),
    ("Rua das Oliveiras, 120, Centro, Campinas/SP, em frente à praça da fonte", [], ""),
    ("O desconto é de R$ 10,00.", [GRANT], ""),
    ("A caneca e o devocional dão R$ 124,70.", [CART], ""),
    ("Hoje são R$ 54,90 a branca e R$ 59,90 a preta.", [search(PRETA, BRANCA)], ""),
    ("Abrimos de segunda a sexta das 9h às 12h e das 13h às 18h.", [], ""),
    ("Sábado até 13h.", [], ""),
    ("Domingo não abrimos.", [], ""),
    ("Estamos na Rua das Oliveiras, 120, Centro.", [], ""),
    ("Para o batismo do dia 27/09 posso mostrar opções?", [], "o batismo é dia 27/09"),
]

WRONG: list[Case] = [
    ("A preta sai por R$ 54,90.", [search(PRETA, BRANCA)], ""),
    ("R$ 54,90 a preta, R$ 59,90 a branca.", [search(PRETA, BRANCA)], ""),
    ("A preta e a branca: R$ 54,90 e R$ 59,90.", [search(PRETA, BRANCA)], ""),
    ("As duas juntas dão R$ 110,00.", [search(PRETA, BRANCA)], ""),
    ("A preta (R$ 59,90) + a branca (R$ 54,90) = R$ 113,80.", [search(PRETA, BRANCA)], ""),
    ("A branca é R$ 6,00 mais barata que a preta.", [search(PRETA, BRANCA)], ""),
    ("A branca sai pelo mesmo preço da preta: R$ 59,90.", [search(PRETA, BRANCA)], ""),
    ("4 camisetas pretas saem R$ 239,60.", [search(PRETA, BRANCA)], ""),
    ("3 camisetas pretas por R$ 59,90.", [search(PRETA, BRANCA)], ""),
    ("3 camisetas pretas por R$ 59,90 no total.", [search(PRETA, BRANCA)], ""),
    ("Faço por R$ 50 a preta.", [search(PRETA, BRANCA)], "faz por 50?"),
    ("Não tem problema, faço por R$ 50.", [search(PRETA, BRANCA)], "faz por 50?"),
    ("Temos 7 da preta.", [search(PRETA, BRANCA)], ""),
    ("Tem G na preta.", [search(PRETA, BRANCA)], ""),
    ("Tem a azul P sim.", [search(PRETA, GONE)], ""),
    ("A azul está disponível.", [search(PRETA, GONE)], ""),
    ("Tem 190 páginas.", [search(BOOK)], ""),
    ("É a partir de 4 anos.", [search(BOOK)], "meu filho tem 6 anos e eu tenho 4"),
    ("Está com 100% de desconto.", [search(BOOK)], ""),
    ("Seu carrinho tem 4 itens.", [CART], ""),
    ("2x Caneca Salmo 23: R$ 44,90", [CART], ""),
    ("Cada caneca sai por R$ 89,80.", [CART], ""),
    ("Com o motoboy fica R$ 141,60.", [CART, ROADS], ""),
    ("Total R$ 124,70 com o frete incluso.", [CART, ROADS], ""),
    ("O PAC sai R$ 12,00.", [CART, ROADS], ""),
    ("O PAC chega em até 1 dia útil.", [CART, ROADS], ""),
    ("O PAC chega em 4 dias corridos.", [CART, ROADS], ""),
    ("O Sedex sai R$ 16,90.", [CART, ROADS], ""),
    ("R$ 16,90 pelo motoboy ou R$ 12,00 pelo PAC.", [ROADS], ""),
    ("CEP 13010-001: motoboy por R$ 12,00.", [ROADS], ""),
    ("O frete fica por nossa conta.", [ROADS], ""),
    ("Consegui 15% de desconto!", [GRANT], "faz 15%?"),
    ("Um terço de desconto pra você.", [GRANT], ""),
    ("Pedido 1178 registrado.", [ORDER], ""),
    ("Pague em https://pay.exemplo/abc", [ORDER], ""),
    ("O Pix vale até 16/09 às 16h30.", [ORDER], ""),
    ("Seu pedido 1187 está pago.", [ORDER], ""),
    ("Seu pedido 1187 foi cancelado.", [ORDER], ""),
    ("Seu pedido 1187 saiu para entrega.", [ORDER], ""),
    ("Sábado até 17h.", [], ""),
    ("Domingo abrimos.", [], ""),
    ("Estamos na Rua das Oliveiras, 210, Centro.", [], ""),
    ("Chega antes do batismo do dia 27/09.", [], "o batismo é dia 27/09"),
    ("Dá pra pagar em 3x sem juros.", [CART], ""),
    ("Parcelo em quatro vezes no cartão.", [CART], "parcela em 4?"),
    ("Ficam 7% mais baratas as duas.", [search(PRETA, BRANCA)], ""),
    ("3 camisetas pretas saem R$ 143,76 com os 10%.", [search(PRETA, BRANCA), GRANT], ""),
    ("O desconto é de R$ 11,00.", [GRANT], ""),
    ("10 camisetas brancas saem R$ 500,00.", [search(PRETA, BRANCA)], ""),
    ("Temos 15 canetas.", [search(PRETA, BRANCA)], ""),
    ("Av. Paulista, 120, é onde estamos.", [], ""),
    ("Temos sim!", [run("search_products", {"produtos": [], "motivo": "nada"})], "tem bíblia do pregador?"),
    ("Coloquei 6 no carrinho!", [run("add_to_cart", {"erro": "Só há 4 em estoque."}, ok=False)], "quero 6"),
    ("Sai por CLX reais.", [search(PRETA, BRANCA)], ""),
]


@pytest.mark.parametrize(("text", "runs", "heard"), RIGHT)
def test_what_a_tool_bears_goes_out(text: str, runs: list[ToolRun], heard: str) -> None:
    assert unproven(text, *runs, heard=heard) == []


@pytest.mark.parametrize(("text", "runs", "heard"), WRONG)
def test_what_no_tool_bears_does_not(text: str, runs: list[ToolRun], heard: str) -> None:
    assert unproven(text, *runs, heard=heard) != []


def test_each_proof_names_its_tool() -> None:
    said = sources("A preta sai por R$ 59,90 e o motoboy por R$ 12,00.", search(PRETA, BRANCA), ROADS)
    assert said["R$ 59,90"] == "search_products"
    assert said["R$ 12,00"] == "quote_freight"
    assert sources("10% de desconto!", GRANT)["10%"] == "propose_discount"
    assert sources("Pedido 1187.", ORDER) == {"Pedido 1187": "confirm_order"}
    assert sources("Abrimos às 9h.")["às 9h"] == "store.toml"
    assert sources("Cabe nos seus R$ 50.", heard="até 50")["R$ 50"] == "palavras do cliente"
    assert sources("3 camisetas pretas saem R$ 179,70.", search(PRETA, BRANCA))["R$ 179,70"] == "conta sobre resultados"


def test_a_report_tells_what_kind_of_claim_it_was_and_why() -> None:
    report = check("A preta sai por R$ 1,23.", search(PRETA, BRANCA))
    assert [(claim.what, claim.written) for claim in report.unproven] == [("money", "R$ 1,23")]
    assert report.unproven[0].reason == "R$ 1,23 não está em nenhum resultado de ferramenta deste turno"
    assert check("R$ 59,90", search(PRETA)).proofs_json() == [
        {"what": "money", "written": "R$ 59,90", "source": "search_products"}
    ]


def test_the_ledger_keeps_what_stays_true_in_its_bounds() -> None:
    ledger = empty_ledger()
    for number in range(KEPT_NAMES + 5):
        ledger = record_runs(ledger, [search(goods(f"Livro {number}", 1000, 1))])
    assert len(ledger["names"]) == KEPT_NAMES
    assert (ledger["names"][0], ledger["names"][-1]) == ("Livro 5", f"Livro {KEPT_NAMES + 4}")
    for number in range(KEPT_OTHERS + 3):
        ledger = record_runs(ledger, [run("order_status", {"pedido": {"numero": 1000 + number}})])
    assert ledger["orders"] == list(range(1003, 1003 + KEPT_OTHERS))
    again = record_runs(ledger, [run("order_status", {"pedido": {"numero": 1003}})])
    assert again["orders"][-1] == 1003
    assert len(again["orders"]) == KEPT_OTHERS


def test_the_ledger_keeps_links_and_terms_but_no_price_and_no_stock() -> None:
    ledger = record_runs(empty_ledger(), [ORDER, ROADS, search(PRETA)])
    assert ledger["links"] == ["pay.exemplo/Abc"]
    assert ledger["days"] == [1, 4]
    assert unproven("A Camiseta Leão Preta M sai por R$ 59,90.", ledger=ledger) == ["R$ 59,90"]
    assert unproven("Temos 3 em estoque.", ledger=ledger) != []
    assert unproven("Seu pedido 1187 segue registrado: https://pay.exemplo/Abc", ledger=ledger) == []


def test_a_granted_discount_holds_until_its_hour() -> None:
    ledger = record_runs(empty_ledger(), [GRANT])
    assert discount_in_force(ledger, NOW) == 1000
    assert discount_in_force(ledger, NOW + timedelta(hours=7, minutes=59)) == 1000
    assert discount_in_force(ledger, NOW + timedelta(hours=8)) == 0
    assert discount_in_force(ledger, None) == 0
    assert unproven("Seus 10% de desconto continuam valendo.", ledger=ledger) == []
    assert unproven("Seus 10% de desconto continuam valendo.", ledger=ledger, now=NOW + timedelta(days=1)) != []


def test_a_refused_discount_changes_no_ledger_and_a_failed_tool_proves_nothing() -> None:
    refused = run("propose_discount", {"decisao": "recusado", "palavras": "Agora não consigo desconto."})
    assert record_runs(record_runs(empty_ledger(), [GRANT]), [refused])["discount_bp"] == 1000
    broken = run("search_products", {"produtos": [PRETA]}, ok=False)
    assert "R$ 59,90" in unproven("A preta sai por R$ 59,90.", broken)
    assert record_runs(empty_ledger(), [broken]) == empty_ledger()


def test_an_older_memory_has_every_field_of_today() -> None:
    assert ledger_of({}) == empty_ledger()
    assert ledger_of({"ledger": {"orders": [7], "gone": 1}}) == {**empty_ledger(), "orders": [7]}


def test_free_freight_is_told_only_where_a_tool_gives_it() -> None:
    free = run("review_order", {"resumo": {"entrega": {"tipo": "retirada", "frete": money(0)}, "total": money(9000)}})
    assert unproven("Retirando na loja o frete é grátis.", free) == []
    assert unproven("O frete é grátis.", ROADS) != []
    assert unproven("Não consigo frete grátis.", ROADS) == []


def test_the_price_of_an_earlier_purchase_is_no_price_of_today() -> None:
    bought = run(
        "list_past_purchases",
        {
            "compras": [
                {
                    "data": "2026-03-20",
                    "itens": [{"nome": "Livro Fé e Graça", "categoria": "", "quantidade": 2}],
                    "total": money(6000),
                }
            ]
        },
    )
    assert unproven("Da outra vez os 2 livros deram R$ 60,00, em 20/03.", bought) == []
    assert unproven("Hoje os dois livros ficam R$ 60,00.", bought, search(BOOK)) != []


def test_people_and_the_shop_may_be_named_with_capitals() -> None:
    assert unproven("Livro da Débora Nunes é o que a Débora Nunes indica.", people=("Débora Nunes",)) == []
    assert unproven("Bem-vinda à Novo Israel, Ana!", people=("Ana",)) == []


def test_what_the_tools_own_code_wrote_may_be_said_word_by_word() -> None:
    words = "Consegui 10% de desconto: de R$ 100,00 por R$ 90,00."
    assert unproven(words, GRANT) == []
    assert unproven(words, run("search_products", {"produtos": [goods("Livro X", 100, 1, words)], "motivo": ""})) != []


def test_numbers_of_refusals_and_cep_of_the_call_count() -> None:
    refused = run("add_to_cart", {"erro": "Só há 4 em estoque."}, ok=False, quantity=9)
    assert unproven("Só temos 4 em estoque.", refused) == []
    assert unproven("Só temos 9 em estoque.", refused) != []
    assert (
        unproven("Para o CEP 01310-100 não temos entrega.", run("quote_freight", {"opcoes": []}, cep="01310100")) == []
    )
