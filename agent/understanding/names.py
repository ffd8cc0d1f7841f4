"""Finds the name to call a customer by in what the channel's profile says; anything doubtful gives none."""

from __future__ import annotations

from agent.understanding.entities.naming import people_words
from agent.understanding.normalising import fold, visible

LONGEST_NAME = 14


def first_name(profile_name: str) -> str:
    """The first name, capitalised, or "" for shops, mottos, initials, numbers and decorated names."""
    words = visible(profile_name).split()
    # A title in the profile name ("Pastora Ana") is skipped: only what the customer says about themselves counts.
    words = [word for word in words if fold(word.strip(".")) not in people_words().titles]
    words = [word for word in words if fold(word.strip(".")) not in people_words().skipped]
    if not words:
        return ""
    if fold(words[0].strip(".")) in people_words().kept:
        rest = first_name(" ".join(words[1:]))
        return f"{words[0].capitalize()} {rest}" if rest else ""
    name = words[0].strip(".,!")
    if not name.isalpha() or not 3 <= len(name) <= LONGEST_NAME or fold(name) in people_words().not_profile_names:
        return ""
    return name.capitalize()
