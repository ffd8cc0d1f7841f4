"""`novo`: the command line; each command lives in commands/ and is imported only when it is called."""

from __future__ import annotations

import importlib
from typing import Any

import click

_COMMANDS = {
    "serve": ("commands.serve", "serve", "Start web and worker on this machine and print one address."),
    "web": ("commands.serve", "web", "Start only the web process."),
    "worker": ("commands.serve", "worker", "Start only the worker process."),
    "chat": ("commands.chat", "chat", "Talk to the seller in the terminal."),
    "doctor": ("commands.doctor", "doctor", "Say what is configured, embedded or missing, and what to do."),
    "catalog": ("commands.catalog", "catalog", "Synchronise and search the catalogue."),
    "evals": ("commands.evals", "evals", "Play the scripted conversations and score them."),
    "handoff": ("commands.handoff", "handoff", "List conversations handed to a person, and give them back."),
}


class LazyGroup(click.Group):
    """Knows every command's name and line of help without importing it, so that `novo --help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[cmd_name]
        command: Any = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="novo-ai-automation")
def novo() -> None:
    """Novo: the WhatsApp seller for Brazilian shops."""


def main() -> None:
    """Entry point of the installed command."""
    novo()


if __name__ == "__main__":
    main()
