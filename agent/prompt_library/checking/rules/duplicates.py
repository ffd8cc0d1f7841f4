"""Finds the same instruction or variant written twice: it costs tokens, and one copy will be forgotten in an edit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from agent.prompt_library.checking.findings import Fault, Rule, Severity
from agent.prompt_library.checking.folder import PromptFolder
from agent.prompt_library.checking.passages import Kind
from agent.prompt_library.checking.rules.hearing import Sentence, profile_of, prompt_sentences
from agent.prompt_library.checking.words import content_words, fold

_FEWEST_WORDS = 5
"""Shorter sentences resemble each other by chance."""
_ALIKE = 88
_SHORTEST_SHARE = 0.6
"""token_set_ratio calls a sentence equal to a longer one that contains it; lengths must be near, too."""
_MANY_PROFILES = 3

Worded = tuple[Sentence, tuple[str, ...]]


def _check_instructions(folder: PromptFolder) -> Iterator[Fault]:
    seen: set[tuple[str, int]] = set()
    files = folder.profile_files()
    for file in files:
        said = _worded(prompt_sentences(folder, file))
        for number, (later, words) in enumerate(said):
            for earlier, other in said[:number]:
                likeness = _likeness(words, other)
                if likeness >= _ALIKE and (later.place, later.start) not in seen:
                    seen.add((later.place, later.start))
                    yield _twice(later, earlier, likeness)
    yield from _in_many_profiles(folder, files)


def _worded(said: Sequence[Sentence]) -> list[Worded]:
    pairs = [(sentence, content_words(sentence.text)) for sentence in said]
    return [(sentence, words) for sentence, words in pairs if len(words) >= _FEWEST_WORDS]


def _likeness(words: Sequence[str], other: Sequence[str]) -> float:
    if min(len(words), len(other)) < _SHORTEST_SHARE * max(len(words), len(other)):
        return 0
    return fuzz.token_set_ratio(" ".join(words), " ".join(other))


def _twice(later: Sentence, earlier: Sentence, likeness: float) -> Fault:
    words = (
        f"quase a mesma instrução já está em {earlier.place}: {likeness:.0f} % das palavras em comum "
        f"(“{earlier.text.strip()[:60]}”)"
    )
    return Fault(later.passage.file, later.passage.line, words, later.column, len(later.text))


def _in_many_profiles(folder: PromptFolder, files: Sequence[str]) -> Iterator[Fault]:
    copies: defaultdict[tuple[str, ...], list[Sentence]] = defaultdict(list)
    for file in files:
        own = (sentence for sentence in prompt_sentences(folder, file) if sentence.passage.file == file)
        for sentence, words in _worded(list(own)):
            copies[words].append(sentence)
    for found in copies.values():
        profiles = [profile_of(sentence.passage.file) for sentence in found]
        if len(set(profiles)) >= _MANY_PROFILES:
            last = found[-1]
            words = f"a mesma instrução está nos perfis {', '.join(profiles)}"
            advice = "escreva uma vez em system.md e tire dos perfis."
            yield Fault(last.passage.file, last.passage.line, words, last.column, len(last.text), advice)


def _check_variants(folder: PromptFolder) -> Iterator[Fault]:
    first: dict[tuple[str, str, str], int] = {}
    for passage in folder.of_kind(Kind.SENTENCE):
        same = (passage.file, passage.key, " ".join(fold(passage.text).split()))
        if same in first:
            words = f"variante repetida de {passage.key.removeprefix('voice.')}: já está na linha {first[same]}"
            yield Fault(passage.file, passage.line, words, passage.column, len(passage.text))
        first.setdefault(same, passage.line)


DUPLICATE = Rule(
    "P410",
    "duplicate-instruction",
    Severity.WARNING,
    "A mesma instrução duas vezes no mesmo prompt, ou repetida em vários perfis.",
    "deixe a mais clara e apague a outra.",
    _check_instructions,
    "quase a mesma instrução já está em system.md:14: 100 % das palavras em comum (“Produto que não "
    "apareceu em nenhuma ferramenta”)",
)
SAME_VARIANT = Rule(
    "P411",
    "duplicate-variant",
    Severity.WARNING,
    "Variante idêntica de uma frase pronta: o cliente ouve a mesma coisa duas vezes.",
    "apague-a ou escreva de outro jeito.",
    _check_variants,
    "variante repetida de cart_total: já está na linha 82",
)
