"""Reads prompts as a reviewer does and says what will go wrong, where, and what to write instead; changes no file."""

from agent.prompt_library.checking.findings import Finding, Rule, Severity
from agent.prompt_library.checking.registry import NEEDS_CATALOGUE, RULES, rules_table
from agent.prompt_library.checking.rules.loading import told
from agent.prompt_library.checking.run import check_prompts

__all__ = ["NEEDS_CATALOGUE", "RULES", "Finding", "Rule", "Severity", "check_prompts", "rules_table", "told"]
