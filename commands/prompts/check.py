"""`novo prompts check`: reads the prompts as a compiler reads code, and ends with 1 when something must be mended."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from commands.configuration import readable_errors, settings_or_exit
from settings import ROOT


@click.command()
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another prompts folder. Unset: NOVO_PROMPTS_DIR.",
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the report.")
@click.option("--explain", metavar="CODE", help="Say what one rule is for, such as P201, and end.")
@click.option("--rules", "list_rules", is_flag=True, help="Print the table of all rules, and end.")
def check(folder: Path | None, strict: bool, as_json: bool, explain: str | None, list_rules: bool) -> None:
    """Say what is wrong in the prompts, where, and what to write; exit code 1 when anything fails."""
    # Imported here: `novo prompts --help` needs none of it.
    from agent.prompt_library.checking import RULES, Severity, check_prompts, rules_table
    from commands.prompts.declared_tools import declared_tool_names
    from commands.prompts.findings_view import as_record, show_finding, show_summary

    if list_rules:
        print(rules_table())
        return
    if explain:
        _explain(explain)
        return
    settings = settings_or_exit()
    where = folder or settings.prompts_dir
    with readable_errors():
        findings = check_prompts(where, tools=declared_tool_names(settings), sources=ROOT)
    failed = any(strict or finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        print(json.dumps(as_record(findings, where, failed=failed), ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(show_finding(finding, where) + "\n")
        click.echo(show_summary(findings, where, rules=len(RULES)))
    sys.exit(1 if failed else 0)


def _explain(code: str) -> None:
    from agent.prompt_library.checking import RULES
    from commands.prompts.findings_view import show_rule

    rule = next((rule for rule in RULES if rule.code == code.upper()), None)
    if rule is None:
        codes = ", ".join(rule.code for rule in RULES)
        raise click.BadParameter(f"não há regra {code}. Existem: {codes}", param_hint="--explain")
    click.echo(show_rule(rule))
