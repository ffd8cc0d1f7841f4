"""Shows two sellers' answers beside each other: every turn that differs, what differs in it, and the sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.prompts.differences import ComparedConversation, ComparedTurn, PlayedTurn, Totals, totals
from commands.prompts.revisions import Revisions

_LABELS = {
    "profile": "perfil",
    "mode": "quem responde",
    "tools": "ferramentas",
    "proven": "valores provados",
    "unproven": "valores recusados",
}
_MODES = {"seller": "o vendedor", "attendant": "uma pessoa", "opted_out": "ninguém (descadastro)"}


def show_revisions(revisions: Revisions, console: Console) -> None:
    """What is compared with what."""
    console.print(Text(f"Antes: {revisions.revision} ({revisions.commit}). Agora: a pasta como está.", style="bold"))
    console.print(Text(f"Arquivos diferentes: {', '.join(revisions.changed) or 'nenhum'}"))
    if revisions.borrowed:
        console.print(
            Text(f"Ainda não existiam em {revisions.revision}, usados dos dois lados: {', '.join(revisions.borrowed)}"),
            style="dim",
        )


def show_conversations(
    conversations: Sequence[ComparedConversation], revision: str, every: bool, console: Console
) -> None:
    """Each conversation with the turns that differ; with `every`, also those that do not."""
    for conversation in conversations:
        shown = [(number, turn) for number, turn in enumerate(conversation.turns, 1) if every or turn.changed]
        if not shown:
            continue
        console.print()
        console.print(Text(f"Conversa {conversation.id}", style="bold"))
        for number, turn in shown:
            console.print(Text(f"turno {number}  ", style="dim") + Text(" / ".join(turn.said), style="cyan"))
            console.print(_beside(turn, revision))


def show_totals(
    conversations: Sequence[ComparedConversation], asked_for: int, kept: int, model: str, console: Console
) -> None:
    """The sums of both sides, how many turns differ, and how far it came; `kept` were played by an earlier run."""
    turns = [turn for conversation in conversations for turn in conversation.turns]
    before, after = totals([turn.before for turn in turns]), totals([turn.after for turn in turns])
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("", "antes", "agora"):
        table.add_column(column, justify="left" if not column else "right")
    for label, old, new in _sums(before, after, offline=model == "offline"):
        table.add_row(label, old, new, style="" if old == new else "yellow")
    console.print(table)
    changed = sum(bool(turn.changed) for turn in turns)
    replies = sum("replies" in turn.changed for turn in turns)
    console.print(
        Text(f"{changed} de {len(turns)} turnos mudaram; {replies} com outra resposta.", style="bold")
        + Text(f"  {len(conversations)} conversa(s), modelo {model}", style="dim")
    )
    if len(conversations) < asked_for:
        words = f"Interrompido: {len(conversations)} de {asked_for} conversas. O mesmo comando continua daqui."
        console.print(f"[yellow]{words}[/]", soft_wrap=True)
    if kept:
        words = f"{kept} de {len(conversations)} já tinham sido comparadas com estes textos; --again repete todas."
        console.print(words, style="dim", soft_wrap=True)
    if before.fallbacks or after.fallbacks:
        console.print(
            "[yellow]Em parte das chamadas o modelo não respondeu, e o vendedor sem modelo entrou no lugar.[/]"
        )
    if model != "offline":
        console.print("Um modelo não escreve duas vezes igual: leia as diferenças, não só as conte.", style="dim")


def _sums(before: Totals, after: Totals, *, offline: bool) -> list[tuple[str, str, str]]:
    rows = [
        ("valores provados", str(before.proven), str(after.proven)),
        ("valores recusados", str(before.unproven), str(after.unproven)),
        ("turnos com uma pessoa", str(before.escalated), str(after.escalated)),
        ("tokens do pedido (média)", str(before.request_tokens), str(after.request_tokens)),
        ("chamadas ao modelo", str(before.model_calls), str(after.model_calls)),
    ]
    if not offline:
        rows += [
            ("tokens de entrada", str(before.input_tokens), str(after.input_tokens)),
            ("tokens de saída", str(before.output_tokens), str(after.output_tokens)),
        ]
    return [*rows, ("custo (US$)", _dollars(before.dollars), _dollars(after.dollars))]


def _dollars(amount: float | None) -> str:
    return "sem preço na tabela" if amount is None else f"{amount:.4f}" if amount else "0"


def _beside(turn: ComparedTurn, revision: str) -> Table:
    table = Table(box=ROUNDED, expand=True, show_lines=False)
    table.add_column("", width=17, style="dim")
    table.add_column(f"antes ({revision})", ratio=1, overflow="fold")
    table.add_column("agora", ratio=1, overflow="fold")
    old, new = _replies(turn.before), _replies(turn.after)
    table.add_row("resposta", *_marked(old, new))
    for name in turn.changed:
        if name in _LABELS:
            table.add_row(_LABELS[name], _shown(turn.before, name), _shown(turn.after, name))
    if turn.before.request_tokens != turn.after.request_tokens:
        table.add_row("tokens do pedido", str(turn.before.request_tokens), str(turn.after.request_tokens))
    if turn.before.dollars or turn.after.dollars:
        table.add_row("custo (US$)", _dollars(turn.before.dollars), _dollars(turn.after.dollars))
    return table


def _replies(turn: PlayedTurn) -> str:
    return "\n\n".join(turn.replies) or "(sem resposta)"


def _shown(turn: PlayedTurn, name: str) -> Text:
    if name in ("profile", "mode"):
        value = str(getattr(turn, name))
        return Text(_MODES.get(value, value) if name == "mode" else value)
    return Text("\n".join(getattr(turn, name)) or "–")


def _marked(old: str, new: str) -> tuple[Text, Text]:
    """Both texts; the words only one of them has are coloured."""
    before, after = _words(old), _words(new)
    left, right = Text(), Text()
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left.append("".join(before[a:b]), style="" if kind == "equal" else "red")
        right.append("".join(after[c:d]), style="" if kind == "equal" else "green")
    return left, right


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)
