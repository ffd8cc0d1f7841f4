"""Objects to a draft that says something is done which no tool of this turn shows: paid, cancelled, a person called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agent.state import ToolRun
from agent.understanding.normalising import fold, visible

_DENIED = re.compile(r"\b(?:nao|nunca|ainda nao|nem|sem|quando|assim que|se|caso|depois que|ate)\b[^.!?]*$")


@dataclass(frozen=True, slots=True)
class Deed:
    said: re.Pattern[str]
    shown: Callable[[ToolRun], bool]
    instead: str
    """What the rewrite is told, in Portuguese."""


def deed_objections(draft: str, tool_runs: Sequence[ToolRun]) -> list[str]:
    """Why a draft may not go out, in Portuguese; questions, conditions and denials state nothing."""
    done = [run for run in tool_runs if run.ok]
    sentences = re.findall(r"[^.!?\n]+[.!?]?", fold(visible(draft)))
    return [
        deed.instead
        for deed in _DEEDS
        if any(_says(deed.said, sentence) for sentence in sentences) and not any(deed.shown(run) for run in done)
    ]


def _says(pattern: re.Pattern[str], sentence: str) -> bool:
    match = None if sentence.endswith("?") else pattern.search(sentence)
    return match is not None and not _DENIED.search(sentence[: match.end()])


def _values(node: Any, field: str) -> Iterator[Any]:
    """Every value of a field, anywhere in a tool's JSON."""
    if isinstance(node, Mapping):
        fields = cast(Mapping[str, Any], node)
        if field in fields:
            yield fields[field]
        for inner in fields.values():
            yield from _values(inner, field)
    elif isinstance(node, list):
        for inner in cast("list[Any]", node):
            yield from _values(inner, field)


def _with_status(status: str) -> Callable[[ToolRun], bool]:
    return lambda run: status in set(map(str, _values(run.result, "status")))


_MONEY = r"(?:pagamento|pix|boleto|comprovante|valor|deposito|transferencia|dinheiro)"
_DEEDS = (
    Deed(
        re.compile(
            rf"\b{_MONEY}\b[^.!?]{{0,40}}\b(?:confirmad|aprovad|recebid|identificad|compensad|caiu|entrou|chegou)"
            rf"|\b(?:recebi|recebemos|confirmei|confirmamos|identifiquei|caiu|entrou)\b[^.!?]{{0,25}}\b{_MONEY}\b"
            r"|\b(?:ja )?(?:esta|ta|foi|consta como) (?:pago|paga|quitad[oa])\b"
        ),
        _with_status("pago"),
        "diz que um pagamento foi confirmado; só vale com payment_status mostrando “pago”, não pela palavra do cliente",
    ),
    Deed(
        re.compile(r"\bpedido\b[^.!?]{0,30}\b(?:foi |esta )?cancelad|\bcancelei\b"),
        lambda run: run.name == "cancel_order" or _with_status("cancelado")(run),
        "diz que um pedido foi cancelado e nenhuma ferramenta deste turno mostra isso",
    ),
    Deed(
        re.compile(r"\bpedido\b[^.!?]{0,30}\b(?:foi |esta )?(?:fechad|confirmad|registrad|finalizad|enviad|despachad)"),
        lambda run: run.name in ("confirm_order", "order_status", "payment_status"),
        "diz que um pedido foi fechado ou enviado e nenhuma ferramenta deste turno mostra isso",
    ),
)
