"""`novo`: the command line; each command lives in commands/ and is imported only when it is called."""

from __future__ import annotations

import click

from commands.lazy import LazyGroup

_COMMANDS = {
    "serve": ("commands.serve", "serve", "Start web and worker on this machine and print one address."),
    "web": ("commands.serve", "web", "Start only the web process."),
    "worker": ("commands.serve", "worker", "Start only the worker process."),
    "chat": ("commands.chat", "chat", "Talk to the seller in the terminal."),
    "doctor": ("commands.doctor", "doctor", "Say what is configured, embedded or missing, and what to do."),
    "catalog": ("commands.catalog", "catalog", "Synchronise and search the catalogue."),
    "secrets": ("commands.secrets", "secrets", "Change the key that encrypts tokens at rest."),
    "sandbox": ("commands.sandbox", "sandbox", "Serve the sandbox ERP alone, with products and moods of your choice."),
    "prompts": ("commands.prompts", "prompts", "Check, see and compare the words of prompts/."),
    "understand": ("commands.understand", "understand", "Say what messages mean: profile, intents, entities."),
    "evals": ("commands.evals", "evals", "Play the scripted conversations and score them."),
    "orders": ("commands.orders", "orders", "List orders, and note a payment that a person has seen."),
    "discounts": ("commands.discounts", "discounts", "Approve or decline discounts above the shop's own limit."),
    "handoff": ("commands.handoff", "handoff", "List conversations handed to a person, and give them back."),
}


@click.group(cls=LazyGroup, lazy=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="novo-ai-automation")
def novo() -> None:
    """Novo: the WhatsApp seller for Brazilian shops."""


def main() -> None:
    """Entry point of the installed command."""
    novo()


if __name__ == "__main__":
    main()
