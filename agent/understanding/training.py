"""Trains the small models from labelled data, in seconds and without a network; a process of its own, so that
neither its memory nor its libraries stay in the worker."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn import feature_extraction, linear_model, model_selection

from agent.guarding.labelled import read_topics
from agent.guarding.samples import STRENGTH, topic_samples
from agent.guarding.topics import LEARNT
from agent.understanding.features import Features, message_features, stems, stretch_features
from agent.understanding.labelled import REMARKS, LabelledFact, LabelledMessage, Split, read_facts, read_messages
from agent.understanding.linear import UNKNOWN, LinearModel
from agent.understanding.normalising import BREAK, Normalised, normalise, visible
from agent.understanding.stretches import LONGEST, stretches
from agent.understanding.tagging import train_tagger
from agent.understanding.types import INTENTS

Examples = Mapping[str, Mapping[str, Sequence[str]]]
"""Of the profile files: profile -> "stated" | "stylistic" -> messages."""

Matrix = NDArray[Any]

_NEVER = -10.0
"""Log odds of a class of which a fold holds no example."""

# The library's own types are mostly unknown to a strict checker; what comes out of it here is checked by the tests.
_TfidfVectorizer: Any = feature_extraction.text.TfidfVectorizer
_LogisticRegression: Any = linear_model.LogisticRegression
_KFold: Any = model_selection.KFold

FOLDS = 3
FEWEST = 4
"""Examples a kind of evidence needs to be learnt at all; a profile file is asked for more."""
EXAMPLE_STANDS_FOR = 4
"""Labelled messages one example of a profile file weighs: a dozen of them stand against tens of thousands."""
MOST_OF_IT = 0.6
"""Share of the telling words a stretch must hold to be an example of what they say."""
A_LITTLE = 0.25
"""Share from which a stretch that does not is no counter-example either."""


@dataclass(slots=True)
class Samples:
    """What one linear model learns from: the features of each sample, the classes it is, and those it may not teach."""

    features: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    labels: list[frozenset[str]] = field(default_factory=list[frozenset[str]])
    doubtful: list[frozenset[str]] = field(default_factory=list[frozenset[str]])

    def add(self, features: Features, labels: Iterable[str], doubtful: Iterable[str] = ()) -> None:
        self.features.append(list(features.all()))
        self.labels.append(frozenset(labels))
        self.doubtful.append(frozenset(doubtful))


def train(
    folder: Path,
    messages: Sequence[LabelledMessage],
    facts: Sequence[LabelledFact],
    topics: Samples,
    examples: Examples,
) -> None:
    """Write intents.npz, evidence.npz, topics.npz and words.crf into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(max_workers=1) as beside:
        learnt = beside.submit(_write_evidence, folder / "evidence.npz", facts, examples)
        fit(intent_samples(messages), (*INTENTS, *REMARKS), strength=40).save(folder / "intents.npz")
        fit(topics, LEARNT, strength=STRENGTH).save(folder / "topics.npz")
        train_tagger(folder / "words.crf", messages)
        learnt.result()


def _write_evidence(path: Path, facts: Sequence[LabelledFact], examples: Examples) -> None:
    _fit_evidence(evidence_samples(facts, examples)).save(path)


def _fit_evidence(evidence: Samples) -> LinearModel:
    told = Counter(label for labels in evidence.labels for label in labels)
    return fit(evidence, sorted(label for label, times in told.items() if times >= FEWEST), strength=6)


def intent_samples(messages: Iterable[LabelledMessage]) -> Samples:
    samples = Samples()
    for row in messages:
        context = normalise([row.context]) if row.context else None
        remarks = [remark for remark, kind in REMARKS.items() if row.entities.get(kind)]
        samples.add(message_features(normalise([row.text]).text, context), (*row.intents, *remarks))
    return samples


def evidence_samples(facts: Iterable[LabelledFact], examples: Examples) -> Samples:
    """Stretches of the labelled messages, as classes "stated:pastor"; a profile's own examples count whole."""
    samples = Samples()
    for row in facts:
        said = normalise([row.text])
        roots = stems(said.tokens)
        told = _told(said, row)
        # Words that say nothing there are plenty of: every other stretch of such a message teaches as much.
        for start, end in list(stretches(said))[:: 1 if told else 2]:
            labels, doubtful = _labels(said, start, end, told)
            samples.add(stretch_features(said.tokens, roots, start, end), labels, doubtful)
    for profile, kinds in examples.items():
        for kind, texts in kinds.items():
            for text in texts:
                tokens = normalise([text]).tokens
                features = stretch_features(tokens, stems(tokens), 0, len(tokens))
                for _ in range(EXAMPLE_STANDS_FOR):
                    samples.add(features, {f"{kind}:{profile}"})
    return samples


def _told(said: Normalised, row: LabelledFact) -> list[tuple[set[int], str]]:
    """The tokens of each labelled piece of evidence."""
    told: list[tuple[set[int], str]] = []
    for piece in row.evidence:
        first = said.original.find(visible(piece.text))
        last = first + len(visible(piece.text))
        tokens = {n for n, (start, end) in enumerate(said.spans) if start < last and end > first >= 0}
        told.append(({n for n in tokens if said.tokens[n] != BREAK}, piece.label))
    return [(tokens, label) for tokens, label in told if tokens]


def _labels(said: Normalised, start: int, end: int, told: Sequence[tuple[set[int], str]]) -> tuple[set[str], set[str]]:
    inside = {n for n in range(start, end) if said.tokens[n] != BREAK}
    labels: set[str] = set()
    doubtful: set[str] = set()
    for tokens, label in told:
        share = len(inside & tokens) / min(len(tokens), LONGEST)
        if share >= MOST_OF_IT:
            labels.add(label)
        elif share > A_LITTLE:
            doubtful.add(label)
    return labels, doubtful - labels


def fit(samples: Samples, classes: Sequence[str], *, strength: float) -> LinearModel:
    """One calibrated logistic regression a class; its calibration is folded into its weights."""
    vectorizer = _TfidfVectorizer(analyzer=list, binary=True, min_df=2)
    rows = vectorizer.fit_transform(samples.features)
    wanted = np.array([[name in labels for name in classes] for labels in samples.labels])
    counts = np.array([[name not in doubtful for name in classes] for doubtful in samples.doubtful], dtype=np.float64)
    weights, intercepts = _calibrated(rows, wanted, counts, strength)
    # In the order of the rows, which is what a saved model goes by; the last one weighs nothing.
    features = [*sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__), UNKNOWN]
    scales = np.append(vectorizer.idf_, 0).astype(np.float32)
    return LinearModel(
        classes=tuple(classes),
        weights=(np.vstack([weights, np.zeros(len(classes))]) * scales[:, None]).astype(np.float32),
        scales=scales,
        intercepts=intercepts.astype(np.float32),
        places={feature: place for place, feature in enumerate(features)},
    )


def _calibrated(rows: Any, wanted: Matrix, counts: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    """Weights and intercepts whose scores are honest log odds: Platt's scaling, learnt on a third left out."""
    taught, asked = next(_KFold(FOLDS, shuffle=True, random_state=7).split(rows))
    weights, intercepts = _fitted(rows[taught], wanted[taught], counts[taught], strength, exactness=0.5)
    unseen, truth, clear = rows[asked] @ weights + intercepts, wanted[asked], counts[asked]
    weights, intercepts = _fitted(rows, wanted, counts, strength, exactness=0.2)
    for place in range(wanted.shape[1]):
        if not truth[:, place].any():
            continue
        platt = _LogisticRegression().fit(unseen[:, [place]], truth[:, place], sample_weight=clear[:, place])
        slope, shift = platt.coef_[0, 0], platt.intercept_[0]
        weights[:, place] *= slope
        intercepts[place] = intercepts[place] * slope + shift
    return weights, intercepts


def _fitted(rows: Any, wanted: Matrix, counts: Matrix, strength: float, *, exactness: float) -> tuple[Matrix, Matrix]:
    columns: list[Any] = []
    intercepts: list[Any] = []
    for place in range(wanted.shape[1]):
        if not wanted[:, place].any():
            columns.append(np.zeros(rows.shape[1]))
            intercepts.append(_NEVER)
            continue
        model = _LogisticRegression(
            C=strength,
            solver="liblinear",
            dual=True,
            tol=exactness,
            max_iter=1000,
            class_weight="balanced",
            # The same rows make the same model on every machine.
            random_state=7,
        )
        model.fit(rows, wanted[:, place], sample_weight=counts[:, place])
        columns.append(model.coef_[0])
        intercepts.append(model.intercept_[0])
    return np.stack(columns, axis=1), np.array(intercepts)


def main() -> None:
    """`python -m agent.understanding.training FOLDER SPLIT…`; the profiles' examples as JSON on standard input."""
    folder, splits = Path(sys.argv[1]), cast(list[Split], sys.argv[2:])
    examples: Examples = json.load(sys.stdin)
    messages, facts, topics = read_messages(*splits), read_facts(*splits), Samples()
    # The messages a report is judged by stay out of both.
    for features, labels, doubtful in topic_samples(read_topics(*splits), messages, (fact.text for fact in facts)):
        topics.add(features, labels, doubtful)
    train(folder, messages, facts, topics, examples)


if __name__ == "__main__":
    main()
