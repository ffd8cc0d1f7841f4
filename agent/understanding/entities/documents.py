"""Finds CPF, CNPJ, CEP and telephone numbers in what was typed; a document counts only with right check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from stdnum.br import cnpj, cpf

from agent.understanding.entities.found import Span
from agent.understanding.entities.phones import e164
from agent.understanding.normalising import Normalised
from tools.models import digits_of

FEWEST_DIGITS = 8
"""A CEP is the shortest of them."""

_DIGIT = re.compile(r"\d")
# Blanks stand only between digits: "da igreja cnpj 46" has the shape of one with letters.
_CNPJ = re.compile(
    r"(?<![\w.])(?:\d{2}[. ]?\d{3}[. ]?\d{3} ?[/ ]? ?\d{4} ?[- ]? ?\d{2}"
    r"|[0-9a-z]{2}\.?[0-9a-z]{3}\.?[0-9a-z]{3}/?[0-9a-z]{4}-?\d{2})(?!\w)",
    re.IGNORECASE,
)
_CPF = re.compile(r"(?<![\w.])\d{3}[. ]?\d{3}[. ]?\d{3} ?[-. /]? ?\d{2}(?![\d/])")
_CEP = re.compile(r"(?<![\w.(/-])(?:\d{2}\.\d{3}[- ]?\d{3}|\d{5} ?- ?\d{3}|\d{5} \d{3}|\d{8})(?!\w|[-./]\d)")
_PHONE = re.compile(r"(?<![\w.,/])\+?\(?\d[\d ().-]{6,18}\d(?!\w|[,/]\d)")
# Whoever cannot be called at it: its digits count nothing.
_PHONE_SHAPE = re.compile(r"(?:\+?\d{2} ?)?(?:\(?0?\d{2}\)? ?)?9?\d{4}[- ]\d{4}")
_DATE_LIKE = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])20[2-4]\d")
_CEP_CUE = re.compile(r"(?<![a-z])cep(?![a-z])")
_PHONE_CUE = re.compile(
    r"(?<![a-z])(?:fone|telefone|cel|celular|zap|whats\w*|wpp|ligar?|liga|contato|numero dela?)(?![a-z])"
)
_OTHER_CODE = re.compile(
    r"(?:pedido|protocolo|nota|nf|rastreio|codigo|rg|conta|agencia|boleto|chave|matricula) ?\S{0,3} ?$"
)
_DIGIT_WORDS = {
    "zero": "0", "um": "1", "dois": "2", "tres": "3", "quatro": "4", "cinco": "5", "seis": "6", "meia": "6",
    "sete": "7", "oito": "8", "nove": "9",
}  # fmt: skip


@dataclass(slots=True)
class Documents:
    ceps: list[str] = field(default_factory=list[str])
    cpfs: list[str] = field(default_factory=list[str])
    cnpjs: list[str] = field(default_factory=list[str])
    phones: list[str] = field(default_factory=list[str])
    taken: set[int] = field(default_factory=set[int])
    """Tokens whose digits belong to one of these, right or wrong."""


def read_documents(said: Normalised, context: str | None) -> Documents:
    """`context` is the seller's last message: it tells a CEP from other eight digits."""
    found = Documents()
    if len(_DIGIT.findall(said.original)) >= FEWEST_DIGITS:
        text = said.original
        asked = bool(_CEP_CUE.search(said.text) or _CEP_CUE.search((context or "").lower()))
        for read in (_read_cnpj, _read_cpf, _read_cep, _read_phone):
            for match in list(read(text, said, found, asked)):
                found.taken.update(_tokens(said, match.span()))
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    for digits, first, end in _spoken(said):
        _add_spoken(found, digits)
        found.taken.update(range(first, end))
    return found


def _read_cnpj(text: str, said: Normalised, found: Documents, asked: bool) -> Iterator[re.Match[str]]:
    for match in _CNPJ.finditer(text):
        number = re.sub(r"[^0-9A-Za-z]", "", match[0]).upper()
        if cnpj.is_valid(number) and any(character.isdigit() for character in number[:12]):
            _add(found.cnpjs, number)
            yield match
        elif "/" in match[0] and "." in match[0]:
            yield match


def _read_cpf(text: str, said: Normalised, found: Documents, asked: bool) -> Iterator[re.Match[str]]:
    for match in _CPF.finditer(text):
        number = digits_of(match[0])
        plain = match[0].isdigit()
        if cpf.is_valid(number) and not (plain and "cpf" not in said.tokens and _is_phone(number, said)):
            _add(found.cpfs, number)
            yield match
        elif not plain and match[0][3] == "." and "-" in match[0]:
            yield match


def _read_cep(text: str, said: Normalised, found: Documents, asked: bool) -> Iterator[re.Match[str]]:
    for match in _CEP.finditer(text):
        number = digits_of(match[0])
        if number >= "01000000" and (asked or _is_plain_cep(match, number, said)):
            _add(found.ceps, number)
            yield match


def _is_plain_cep(match: re.Match[str], number: str, said: Normalised) -> bool:
    """Whether eight digits that nobody called a CEP are one."""
    if " " in match[0] and "-" not in match[0]:
        return False
    if not match[0].isdigit():
        return True
    before = match.string[max(0, match.start() - 20) : match.start()].lower().replace("ó", "o")
    return not (_DATE_LIKE.fullmatch(number) or _OTHER_CODE.search(before) or _PHONE_CUE.search(said.text))


def _read_phone(text: str, said: Normalised, found: Documents, asked: bool) -> Iterator[re.Match[str]]:
    for match in _PHONE.finditer(text):
        number = e164(match[0])
        if number:
            _add(found.phones, number)
        if number or _PHONE_SHAPE.fullmatch(match[0]):
            yield match


def _is_phone(number: str, said: Normalised) -> bool:
    return bool(_PHONE_CUE.search(said.text) and e164(number))


def _spoken(said: Normalised) -> Iterator[tuple[str, int, int]]:
    """Digits dictated one by one ("oito cinco oito zero um zero zero zero"), with their tokens."""
    if "zero" not in said.tokens and len(said.tokens) < FEWEST_DIGITS:
        return
    if len([token for token in said.tokens if token in _DIGIT_WORDS]) < FEWEST_DIGITS:
        return
    digits, first = "", 0
    for at, token in enumerate((*said.tokens, "")):
        if token in _DIGIT_WORDS:
            first = first if digits else at
            digits += _DIGIT_WORDS[token]
        elif digits and token not in ("traco", "ponto", "-"):
            if len(digits) >= FEWEST_DIGITS:
                yield digits, first, at
            digits = ""


def _add_spoken(found: Documents, digits: str) -> None:
    if len(digits) == FEWEST_DIGITS:
        _add(found.ceps, digits)
    elif cpf.is_valid(digits):
        _add(found.cpfs, digits)
    elif cnpj.is_valid(digits):
        _add(found.cnpjs, digits)
    elif number := e164(digits):
        _add(found.phones, number)


def _tokens(said: Normalised, span: Span) -> Iterator[int]:
    return (at for at, (first, last) in enumerate(said.spans) if first < span[1] and last > span[0])


def _add(numbers: list[str], number: str) -> None:
    if number not in numbers:
        numbers.append(number)
