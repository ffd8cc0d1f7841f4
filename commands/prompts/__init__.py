"""`novo prompts`: check, see and compare the words of prompts/; each command is imported only when it is called."""

from __future__ import annotations

import click

from commands.prompts.usage import PromptsGroup

_COMMANDS = {
    "check": ("commands.prompts.check", "check", "Aponta o que está errado nos textos, onde, e o que escrever."),
    "render": ("commands.prompts.render", "render", "Mostra exatamente o que o modelo receberia, com os tokens."),
    "preview": (
        "commands.prompts.preview",
        "preview",
        "Repete conversas com os textos mudados, lado a lado com os de antes.",
    ),
}


@click.group(cls=PromptsGroup, lazy=_COMMANDS, help="Confere, mostra e compara os textos de prompts/.")
def prompts() -> None:
    """Check, see and compare what the seller is told to say."""
