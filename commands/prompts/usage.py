"""The group of `novo prompts`: tells in Portuguese what is wrong with a command line; runs no command's work."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click
from click.exceptions import BadOptionUsage, NoArgsIsHelpError, NoSuchCommand, NoSuchOption

from commands.lazy import LazyGroup
from commands.prompts.refusals import WrongCall


class PromptsGroup(LazyGroup):
    """Refuses a command line as its commands refuse what they are given."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else ctx.command_path
            words = in_portuguese(error, self.list_commands(ctx))
            raise WrongCall(f"{words} `{command} --help` mostra o que existe.") from None


def in_portuguese(error: click.UsageError, commands: Sequence[str]) -> str:
    """One sentence or two; what click says otherwise is left in its words."""
    match error:
        case NoSuchCommand():
            return f"não há comando {error.command_name!r}.{_meant(get_close_matches(error.command_name, commands))}"
        case NoSuchOption():
            return f"não há opção {error.option_name}.{_meant(error.possibilities or ())}"
        case BadOptionUsage():
            return f"a opção {error.option_name} precisa de um valor."
        case click.BadParameter(param=click.Parameter(type=click.Choice(choices=choices), opts=[name, *_])):
            return f"{name} aceita {' ou '.join(map(str, choices))}."
        case _:
            return error.format_message()


def _meant(near: Sequence[str]) -> str:
    return f" Você quis dizer {near[0]}?" if near else ""
