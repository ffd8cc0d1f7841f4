"""The list of all rules, in the order of their codes, and their table for the documentation."""

from __future__ import annotations

from agent.prompt_library.checking.findings import Rule, Severity
from agent.prompt_library.checking.permits import PERMIT
from agent.prompt_library.checking.rules import (
    budgets,
    code_text,
    context,
    contradictions,
    duplicates,
    figures,
    glossary,
    loading,
    opposites,
    promises,
    tools,
)

RULES: tuple[Rule, ...] = (
    PERMIT,
    loading.UNUSABLE,
    loading.UNUSED_VARIABLE,
    loading.MISSING_VARIABLE,
    loading.UNKNOWN_VARIABLE,
    loading.UNRENDERABLE,
    loading.WRONG_SENTENCE,
    context.UNUSED_CONTEXT,
    figures.PRICE,
    figures.DISCOUNT,
    figures.INSTALMENT,
    figures.TYPED_STOCK,
    figures.DEADLINE,
    tools.UNKNOWN_TOOL,
    glossary.UNMATCHED_WORDS,
    contradictions.EMOJI_CONTRADICTION,
    contradictions.TREATMENT_CONTRADICTION,
    opposites.OPPOSITE,
    contradictions.LENGTH_CONTRADICTION,
    duplicates.DUPLICATE,
    duplicates.SAME_VARIANT,
    promises.FORBIDDEN_PROMISE,
    budgets.FILE_BUDGET,
    budgets.TURN_BUDGET,
    code_text.TEXT_IN_CODE,
)

NEEDS_CATALOGUE = glossary.UNMATCHED_WORDS
"""The one rule that looks beyond the files; left out when the shop's products are out of reach."""

_NAMES = {Severity.ERROR: "erro", Severity.WARNING: "aviso"}


def rules_table() -> str:
    """The rules as a Markdown table, as prompts/README.md shows it (`make docs`) and `--rules` prints it."""
    lines = ["| Código | | O que aponta | Exemplo | Como calar |", "|---|---|---|---|---|"]
    lines += [
        f"| {rule.code} | {_NAMES[rule.severity]} | {rule.explanation} | {_cell(rule.example)} | {rule.silencing} |"
        for rule in RULES
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
