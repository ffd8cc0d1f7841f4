"""`novo doctor`: what is configured, what is embedded, what is missing, and what to do about it, in a table."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Literal

import click
from cryptography.fernet import Fernet
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.chat_models.factory import ADVERSARIES
from commands.configuration import readable_errors, settings_or_exit
from database.engine import open_database
from settings import Settings
from web.health import Component, read_components
from wiring.database import prepare_database
from wiring.erp import consent_link

State = Literal["configured", "embedded", "missing", "broken", "warning"]

_MARKS = {
    "configured": "[green]✓ configurado[/]",
    "embedded": "[cyan]● embutido[/]",
    "warning": "[yellow]! atenção[/]",
    "missing": "[red]✗ falta[/]",
    "broken": "[red]✗ com erro[/]",
}


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    state: State
    detail: str
    action: str = ""
    """What to do, "" when nothing."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--new-key", is_flag=True, help="Print a fresh NOVO_SECRET_KEY and end.")
def doctor(as_json: bool, new_key: bool) -> None:
    """Say what is configured, embedded or missing, and what to do."""
    if new_key:
        print(Fernet.generate_key().decode())
        return
    settings = settings_or_exit()
    with readable_errors():
        findings = asyncio.run(examine(settings))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _show(findings)
    if any(finding.state in ("missing", "broken") for finding in findings):
        raise SystemExit(1)


async def examine(settings: Settings) -> list[Finding]:
    """Look at every part. Raises ConfigurationError or PluginError for what stops a start."""
    url = prepare_database(settings)
    async with open_database(url, connections=2) as database:
        components = await read_components(database, settings.store_id)
    return [
        _database(settings),
        _whatsapp(settings),
        _model(settings),
        _embeddings(settings),
        _erp(settings, components["erp"]),
        _catalog(components["catalog"]),
        _sales(components["sales"]),
        _secret(settings),
        _prompts(settings),
        *_plugins(settings),
        _worker(components["worker"]),
    ]


def _database(settings: Settings) -> Finding:
    if settings.database_url:
        return Finding("Banco de dados", "configured", "DATABASE_URL responde e está na versão certa")
    folder = settings.data_dir / "postgres"
    return Finding(
        "Banco de dados", "embedded", f"Postgres em {folder}", "Para várias máquinas ou Supabase: defina DATABASE_URL."
    )


def _whatsapp(settings: Settings) -> Finding:
    if settings.whatsapp_configured:
        address = f"{settings.base_url}/webhooks/whatsapp"
        if address.startswith("https://"):
            return Finding("WhatsApp", "configured", f"webhook em {address}")
        return Finding("WhatsApp", "warning", "a Meta só entrega em https://", "Defina NOVO_PUBLIC_URL com https.")
    return Finding(
        "WhatsApp", "embedded", "simulador no lugar do WhatsApp", "Número de verdade: as quatro variáveis WHATSAPP_…"
    )


def _model(settings: Settings) -> Finding:
    if settings.chat_model == "offline":
        return Finding(
            "Modelo", "embedded", "vendedor sem modelo de linguagem", "Modelo de verdade: OPENAI_API_KEY e NOVO_MODEL."
        )
    if settings.chat_model in ADVERSARIES:
        state = "broken" if settings.whatsapp_configured else "warning"
        return Finding("Modelo", state, f"{settings.chat_model} mente de propósito", "Só para testes: mude NOVO_MODEL.")
    return Finding("Modelo", "configured", settings.chat_model)


def _embeddings(settings: Settings) -> Finding:
    if settings.embeddings == "local":
        return Finding("Busca", "embedded", "modelo multilíngue local")
    return Finding("Busca", "configured", settings.embeddings)


def _erp(settings: Settings, component: Component) -> Finding:
    if not settings.conta_azul_configured:
        return Finding(
            "Conta Azul",
            "embedded",
            "ERP de demonstração",
            "Loja de verdade: CONTA_AZUL_CLIENT_ID e CONTA_AZUL_CLIENT_SECRET.",
        )
    if component.state == "ok":
        return Finding("Conta Azul", "configured", "conectado")
    over = "ended" in component.detail
    detail = "autorização encerrada: a loja vende pelo último catálogo lido" if over else "sem autorização"
    return Finding("Conta Azul", "missing", detail, f"Abra {consent_link(settings)}")


def _catalog(component: Component) -> Finding:
    if component.state == "ok":
        return Finding("Catálogo", "configured", component.detail.replace("products", "produtos"))
    if "held" in component.detail:
        detail = "há preços suspeitos retidos; a loja vende pelos anteriores"
        return Finding("Catálogo", "warning", detail, "Veja `novo catalog status` e `novo catalog accept`.")
    return Finding("Catálogo", "warning", "vazio", "Rode `novo catalog sync`; `novo serve` faz isso sozinho.")


def _sales(component: Component) -> Finding:
    if component.state == "ok":
        return Finding("Vendas", "configured", "nada espera por você")
    discounts, orders = component.counts["discounts"], component.counts["orders"]
    waiting = {
        f"descontos à espera do seu sim: {discounts}": ("`novo discounts list`", discounts),
        f"pedidos à espera de uma pessoa: {orders}": ("`novo orders list --status held`", orders),
    }
    details = [words for words, (_, count) in waiting.items() if count]
    commands = [command for command, count in waiting.values() if count]
    return Finding("Vendas", "warning", "; ".join(details), f"Veja {' e '.join(commands)}.")


def _secret(settings: Settings) -> Finding:
    if settings.secret_key:
        return Finding("Chave de cifra", "configured", "NOVO_SECRET_KEY")
    path = settings.data_dir / "secret.key"
    return Finding("Chave de cifra", "embedded", f"guardada em {path}", "Faça cópia dela fora desta máquina.")


def _prompts(settings: Settings) -> Finding:
    from agent.prompt_library import PromptError, load_prompts

    try:
        library = load_prompts(settings.prompts_dir)
    except PromptError as error:
        return Finding("Prompts", "broken", str(error), "Corrija; até lá o vendedor usa a última versão boa.")
    untaught = [name for name, profile in library.profiles.items() if name != "novo" and not profile.stated_examples]
    found = f"{len(library.profiles)} perfis em {settings.prompts_dir.name}/"
    if untaught:
        todo = f"Escreva `examples` em profiles/{untaught[0]}.md: sem eles ninguém é reconhecido."
        return Finding("Prompts", "warning", f"{found}; sem exemplos: {', '.join(untaught)}", todo)
    return Finding("Prompts", "configured", found)


def _plugins(settings: Settings) -> list[Finding]:
    from wiring.seller import load_plugins

    return [
        Finding(f"Plugin {plugin.name}", "configured", f"{plugin.source}: {', '.join(plugin.hooks)}")
        for plugin in load_plugins(settings).describe()
    ]


def _worker(component: Component) -> Finding:
    if component.state == "ok":
        return Finding("Vendedor", "configured", "em funcionamento")
    return Finding("Vendedor", "warning", "parado agora", "Rode `novo serve` (ou `novo worker`).")


def _show(findings: list[Finding]) -> None:
    table = Table(title="Novo: como está esta instalação", title_justify="left")
    for column in ("Parte", "Situação", "Detalhe", "O que fazer"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        table.add_row(finding.part, _MARKS[finding.state], escape(finding.detail), escape(finding.action))
    Console().print(table)
