"""Recognises the words customers type as commands; what a command does is the offline seller's."""

from __future__ import annotations

from agent.state import ConversationState
from agent.understanding.normalising import normalise
from agent.understanding.tables import command_names

_CODED = frozenset({"ajuda", "catalogo", "adicionar", "ver_carrinho", "finalizar_pedido"})
_VERSES = frozenset({"versiculo", "oracao"})
"""Commands of a shop that has such texts."""


def command_of(state: ConversationState) -> str:
    """The command that the whole burst is, as commands.toml names it; "" for anything else."""
    messages = [message["text"] for message in state["burst"] if message["text"].strip()]
    return whole_command(messages[0]) if len(messages) == 1 else ""


def is_answered_by_code(state: ConversationState, *, has_verses: bool) -> bool:
    """Whether the burst is a command that needs no judgement, and so costs no model call."""
    command = command_of(state)
    return command in _CODED or (has_verses and command in _VERSES)


def whole_command(text: str) -> str:
    """The command a message is, if it is nothing else."""
    return command_names().get(normalise([text]).text.strip(" ,?!."), "")
