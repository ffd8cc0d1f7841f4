"""`novo prompts check`: reads the prompts as a compiler reads code, and ends with 1 when something must be mended."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from commands.configuration import settings_or_exit
from commands.prompts.refusals import WrongCall, existing_folder, refusals
from settings import ROOT


@click.command(
    help="Aponta o que está errado nos textos, onde, e o que escrever no lugar. Com algum erro, termina em 1."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Outra pasta de prompts. Sem a opção: NOVO_PROMPTS_DIR.",
)
@click.option("--strict", is_flag=True, help="Avisos também reprovam.")
@click.option("--json", "as_json", is_flag=True, help="Um objeto JSON no lugar do relatório, para programas.")
@click.option("--explain", metavar="CÓDIGO", help="Conta para que serve uma regra, como P201, e termina.")
@click.option("--rules", "list_rules", is_flag=True, help="Escreve a tabela de todas as regras e termina.")
def check(folder: Path | None, strict: bool, as_json: bool, explain: str | None, list_rules: bool) -> None:
    """Say what is wrong in the prompts, where, and what to write; exit code 1 when anything fails."""
    # Imported here: `novo prompts --help` needs none of it.
    from agent.prompt_library.checking import NEEDS_CATALOGUE, Severity, check_prompts, rules_table
    from commands.prompts.current_catalogue import read_current_catalogue
    from commands.prompts.declared_tools import declared_tool_names
    from commands.prompts.findings_view import as_record, show_finding, show_summary

    if list_rules:
        print(rules_table())
        return
    if explain:
        _explain(explain)
        return
    settings = settings_or_exit()
    where = existing_folder(folder or settings.prompts_dir)
    with refusals():
        tools = declared_tool_names(settings)
    sold = read_current_catalogue(settings)
    skipped = {} if sold.products else {NEEDS_CATALOGUE.code: sold.why_not}
    findings = check_prompts(where, tools=tools, sources=ROOT, products=sold.products)
    failed = any(strict or finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        print(json.dumps(as_record(findings, where, failed=failed, skipped=skipped), ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(show_finding(finding, where) + "\n")
        click.echo(show_summary(findings, where, skipped=skipped))
    sys.exit(1 if failed else 0)


def _explain(code: str) -> None:
    from agent.prompt_library.checking import RULES
    from commands.prompts.findings_view import show_rule

    rule = next((rule for rule in RULES if rule.code == code.upper()), None)
    if rule is None:
        codes = ", ".join(rule.code for rule in RULES)
        raise WrongCall(f"não há regra {code}. Existem: {codes}.")
    click.echo(show_rule(rule))
