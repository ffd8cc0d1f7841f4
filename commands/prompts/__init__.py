"""`novo prompts`: check, see and compare the words of prompts/; each command is imported only when it is called."""

from __future__ import annotations

import click

from commands.lazy import LazyGroup

_COMMANDS = {
    "check": ("commands.prompts.check", "check", "Say what is wrong in the prompts, where, and what to write."),
    "render": ("commands.prompts.render", "render", "Show exactly what the model would get, with token counts."),
    "preview": ("commands.prompts.preview", "preview", "Play saved conversations with the edited prompts."),
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def prompts() -> None:
    """Check, see and compare what the seller is told to say."""
