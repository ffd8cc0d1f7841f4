"""Loads prompts/ into a checked, frozen snapshot and renders from it; decides nothing and calls no model."""

from agent.prompt_library.library import Profile, PromptLibrary
from agent.prompt_library.loading import load_prompts
from agent.prompt_library.phrases import choose, fill
from agent.prompt_library.problems import Problem, PromptError
from agent.prompt_library.source import PromptCheck, PromptSource

__all__ = [
    "Problem",
    "Profile",
    "PromptCheck",
    "PromptError",
    "PromptLibrary",
    "PromptSource",
    "choose",
    "fill",
    "load_prompts",
]
