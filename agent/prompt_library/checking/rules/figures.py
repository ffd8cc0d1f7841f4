"""Finds prices, discounts, instalments, stock and deadlines typed in text, in digits or words; tools tell those."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.prompt_library.checking.findings import Check, Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Kind, Passage
from agent.prompt_library.checking.words import fold

# Patterns read folded text: lower case, without accents.
_ONES = "dois|duas|tres|quatro|cinco|seis|sete|oito|nove"
_TEENS = "dez|onze|doze|treze|quatorze|catorze|quinze|dezesseis|dezessete|dezoito|dezenove"
_TENS = "vinte|trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa"
_HUNDREDS = (
    "cem|cento|duzentos|duzentas|trezentos|quatrocentos|quinhentos|seiscentos|setecentos|oitocentos|novecentos|mil"
)
_MANY = rf"(?:{_ONES}|{_TEENS}|{_TENS}|{_HUNDREDS})"
_SPELLED = rf"\b(?:um|uma|{_MANY})(?:(?: e | mil )(?:um|uma|{_MANY}))*"
_DIGITS = r"\d+(?:[.,]\d+)*"
_NUMBER = rf"(?:{_DIGITS}|{_SPELLED})"
_SEVERAL = rf"(?:{_DIGITS}|\b{_MANY}(?: e {_MANY})*)"
_CURRENCY = r"(?:reais|real|contos?|pilas?|mangos?|pratas?|centavos?|brl)\b"
_COSTS = r"\b(?:custam?|sai(?:em)? (?:por|a)|vale|preco de|valor de|a partir de|por (?:apenas|so)|apenas por|so por)"
_NO_PRICE = (
    r"(?!\d|[.,]\d| ?(?:x\b|%|anos?|dias?|meses|horas?|h\b|unidades?|pecas?|itens|caixas?|pacotes?|exemplares|cm|kg))"
)
_THINGS = r"(?:unidades?|pecas?|itens|exemplares|caixas?|pacotes?|kits?|biblias?|livros?|camisetas?)"

PRICES = (
    rf"(?:r|us)\$ ?{_NUMBER}|€ ?\d",
    rf"{_NUMBER} ?{_CURRENCY}",
    r"(?<![\d.,/:-])(?:\d{1,3}(?:\.\d{3})+|\d+),\d{2}(?![\d/]|,\d| ?(?:%|cm|mm|kg|m\b|g\b|ml|l\b))",
    rf"{_COSTS} (?:r\$ ?)?{_SEVERAL}{_NO_PRICE}",
    rf"\b(?:por|a|so|apenas|custa) (?:(?:{_TENS}) e )?(?:{_ONES}|{_TEENS}) e (?:{_TENS})\b",
)
DISCOUNTS = (
    r"\d+(?:[.,]\d+)? ?(?:%|por ?cento)",
    rf"{_SPELLED} por ?cento",
    rf"\b(?:desconto|abatimento|off|cashback) (?:de|extra de|adicional de) {_NUMBER}",
    rf"{_DIGITS} ?(?:off|pontos percentuais)\b",
    r"\bmetade do preco|\bpela metade do",
    rf"\bleve {_NUMBER},? (?:e )?pague {_NUMBER}",
    r"\b(?:frete|entrega|envio) (?:e )?(?:gratis|gratuit[oa]|por nossa conta|por conta da loja)|\bsem frete\b",
)
INSTALMENTS = (
    r"(?<![\w{}])\d{1,2} ?x\b(?! ?\d)(?: sem juros| no cartao)?",
    rf"\b(?:em|ate|parcel\w+|divid\w+)(?: (?:em|ate|de))* {_SEVERAL} (?:vezes|parcelas|prestacoes)",
    rf"{_SEVERAL} (?:parcelas|prestacoes)\b",
    rf"{_SEVERAL} vezes (?:sem juros|no cartao|no credito|iguais|fixas)",
    r"\bsem juros\b",
)
STOCK = (
    rf"{_NUMBER} (?:{_THINGS} )?(?:em|no|de|do) estoque",
    rf"\b(?:restam?|sobram?|sobrou|so temos|temos so|temos apenas|tem so|so tem|ha apenas) (?:so |apenas )?{_NUMBER}\b",
    rf"\b(?:temos|tem|ha) {_SEVERAL} (?:{_THINGS})",
    rf"\bultim[ao]s (?:{_SEVERAL} )?{_THINGS}",
    r"\b(?:sempre em estoque|estoque (?:garantido|ilimitado|cheio)|pronta entrega)",
)
DEADLINES = (
    rf"{_NUMBER} dias? (?:uteis|util|corridos?)\b",
    r"\b(?:prazo|entrega\w*|chega\w*|envi\w+|despach\w+)(?: \w+){0,3} (?:em|de|ate) "
    rf"{_NUMBER} ?(?:dias?|horas?|h|semanas?)\b",
    rf"\bem (?:ate )?{_SEVERAL} ?(?:dias?|horas?|h|semanas?)\b",
    r"\b(?:entrega\w*|chega\w*|envi\w+)(?: \w+){0,2} (?:hoje mesmo|no mesmo dia|amanha|no dia seguinte)",
)


def _check(what: str, *patterns: str, skip_keys: str = "") -> Check:
    pattern = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))

    def check(folder: PromptFolder) -> Iterator[Fault]:
        for passage in folder.of_kind(Kind.INSTRUCTION, Kind.SENTENCE, Kind.FACT):
            if not (skip_keys and passage.key.split(".")[-1].startswith(skip_keys)):
                yield from _faults(passage, pattern, what)

    return check


def _faults(passage: Passage, pattern: re.Pattern[str], what: str) -> Iterator[Fault]:
    for match in pattern.finditer(fold(passage.text)):
        written = passage.text[match.start() : match.end()].strip()
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        yield Fault(
            passage.file,
            passage.line,
            f"{what} no texto: “{written}”",
            column=passage.column + start,
            length=len(written),
        )


_FROM_TOOLS = "tire o número; numa frase pronta, use o valor que a ferramenta preenche"

PRICE = Rule(
    "P201",
    "typed-price",
    Severity.ERROR,
    "Preço escrito no texto: fica velho sem ninguém ver e o vendedor o repete como verdade.",
    f"{_FROM_TOOLS}, como {{price}} ou {{total}}.",
    _check("preço escrito", *PRICES),
    "preço escrito no texto: “a partir de R$ 19,90”",
)
DISCOUNT = Rule(
    "P202",
    "typed-discount",
    Severity.ERROR,
    "Desconto, porcentagem ou frete grátis escrito no texto: quem decide condição é o código.",
    "tire a condição daqui; descontos ficam só em policy/discounts.toml.",
    _check("desconto ou condição escrita", *DISCOUNTS),
    "desconto ou condição escrita no texto: “dez por cento”",
)
INSTALMENT = Rule(
    "P203",
    "typed-instalments",
    Severity.ERROR,
    "Número de parcelas ou juros escrito no texto: depende do meio de pagamento do dia.",
    "diga só os meios de pagamento; as parcelas quem informa é a ferramenta ou uma pessoa.",
    _check("parcelamento escrito", *INSTALMENTS),
    "parcelamento escrito no texto: “em até três vezes”",
)
TYPED_STOCK = Rule(
    "P204",
    "typed-stock",
    Severity.ERROR,
    "Quantidade em estoque ou escassez escrita no texto: só a consulta deste turno sabe.",
    f"{_FROM_TOOLS}, como {{stock}} ou {{available}}.",
    # Sentences that are chosen by the stock itself may say what they were chosen for.
    _check("estoque escrito", *STOCK, skip_keys="stock_"),
    "estoque escrito no texto: “Restam só duas”",
)
DEADLINE = Rule(
    "P205",
    "typed-deadline",
    Severity.ERROR,
    "Prazo escrito no texto: depende do CEP e do dia, e vira promessa quebrada.",
    "diga que o prazo depende do CEP e quem confirma é {attendant} ou uma ferramenta.",
    _check("prazo escrito", *DEADLINES),
    "prazo escrito no texto: “5 dias úteis”",
)
