"""Keeps the trained models: finds those of today's data on disk, has missing ones trained, and loads them."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import structlog

from agent.understanding.labelled import Split
from agent.understanding.linear import LinearModel
from agent.understanding.tagging import WordTagger

log = structlog.get_logger(__name__)

SHIPPED = Path(__file__).parent / "shipped_models"
"""Filled when the project is installed or packed, so that a first start need not wait."""
TRAINING_SECONDS = 300
"""A training that takes longer hangs: it needs about ten."""

_DATA = Path(__file__).parent / "data"
_SHAPING_CODE = (
    "features.py",
    "labelled.py",
    "normalising.py",
    "numbers.py",
    "stretches.py",
    "tagging.py",
    "training.py",
)

_GUARDING = Path(__file__).parents[1] / "guarding"
_SHAPING_GUARDS = ("features.py", "labelled.py", "lexicon.py", "samples.py", "topics.py")
"""The topics are taught and kept with the rest: one training, one version."""

Examples = Mapping[str, Mapping[str, Sequence[str]]]
"""Of the profile files: profile -> "stated" | "stylistic" -> what customers say."""


class TrainingFailed(Exception):
    """The models could not be trained; the message ends with what the training said last."""


@dataclass(frozen=True, slots=True)
class TrainedModels:
    """Everything the reading of messages was taught."""

    version: str
    """A function of the labelled data, the profiles' examples and the code that shapes them."""
    intents: LinearModel = field(repr=False)
    """The intents, and what else a burst as a whole does: puts something right, refuses something."""
    evidence: LinearModel = field(repr=False)
    """Classes such as "stated:pastor", "stylistic:jovem", "denied:mae"."""
    words: WordTagger = field(repr=False)
    topics: LinearModel = field(repr=False)
    """Classes are `agent.guarding.topics.LEARNT`."""


ALL_DATA: tuple[Split, ...] = ("train", "dev")
"""What the seller is taught; the report leaves out what it judges by."""


def models_version(examples: Examples, splits: Sequence[Split] = ALL_DATA) -> str:
    """The version that these profile examples and today's labelled data ask for."""
    digest = sha256(f"{_data_digest()}{splits}".encode())
    digest.update(json.dumps(examples, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def _data_digest() -> str:
    digest = sha256()
    code = [Path(__file__).parent / name for name in _SHAPING_CODE]
    guards = [*sorted((_GUARDING / "data").iterdir()), *(_GUARDING / name for name in _SHAPING_GUARDS)]
    for path in [*sorted(_DATA.rglob("*.jsonl")), _DATA / "goods.txt", _DATA / "normalising.toml", *code, *guards]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def find_models(examples: Examples, folder: Path) -> Path | None:
    """Where the models of these examples are: shipped, or trained into `folder` before; None when nowhere."""
    version = models_version(examples)
    return next((place / version for place in (SHIPPED, folder) if (place / version).is_dir()), None)


def prepare_models(examples: Examples, folder: Path) -> TrainedModels:
    """Load the models of these examples; train them first, some ten seconds long, if they are not there.

    Raises TrainingFailed when they cannot be trained.
    """
    return load_models(find_models(examples, folder) or train_models(examples, folder))


def train_models(examples: Examples, folder: Path, splits: Sequence[Split] = ALL_DATA) -> Path:
    """Train in a process of its own and move the result into place whole. Raises TrainingFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / models_version(examples, splits)
    if place.is_dir():
        return place
    with tempfile.TemporaryDirectory(dir=folder, prefix=".training-") as scratch:
        made = Path(scratch) / "models"
        command = [sys.executable, "-m", "agent.understanding.training", str(made), *splits]
        try:
            subprocess.run(  # noqa: S603  # our own module
                command,
                input=json.dumps(examples),
                text=True,
                capture_output=True,
                check=True,
                timeout=TRAINING_SECONDS,
                cwd=Path(__file__).parents[2],
            )
        except subprocess.CalledProcessError as error:
            raise TrainingFailed(f"training ended with code {error.returncode}: {error.stderr[-500:]}") from None
        except subprocess.TimeoutExpired:
            raise TrainingFailed(f"training did not end within {TRAINING_SECONDS} s") from None
        # Into place in one step: another process may have trained the same meanwhile, and its models are as good.
        with contextlib.suppress(OSError):
            made.rename(place)
    return place


def train_shipped(examples: Examples) -> Path:
    """Train into the package, and drop the models of older data from it. Raises TrainingFailed."""
    place = train_models(examples, SHIPPED)
    for old in SHIPPED.iterdir():
        # Names with a dot are trainings of other processes, not yet in place.
        if old != place and not old.name.startswith("."):
            shutil.rmtree(old, ignore_errors=True)
    return place


@lru_cache(maxsize=4)
def load_models(place: Path) -> TrainedModels:
    """The models of one folder; loaded once a process, some 50 ms."""
    return TrainedModels(
        version=place.name,
        intents=LinearModel.load(place / "intents.npz"),
        evidence=LinearModel.load(place / "evidence.npz"),
        words=WordTagger(place / "words.crf"),
        topics=LinearModel.load(place / "topics.npz"),
    )


class ModelSource:
    """The models for the prompts of this moment: new examples are learnt beside, and the last models serve on."""

    def __init__(self, examples: Examples, folder: Path) -> None:
        """Raises TrainingFailed when there are no models yet and none can be trained."""
        self._folder = folder
        self._lock = threading.Lock()
        self._asked: Examples = examples
        self._models = prepare_models(examples, folder)

    def current(self, examples: Examples) -> TrainedModels:
        """The newest models. Examples not seen before start a training and are known when it has ended."""
        if examples != self._asked:
            with self._lock:
                if examples != self._asked:
                    self._asked = examples
                    threading.Thread(target=self._learn, args=(examples,), daemon=True).start()
        return self._models

    def _learn(self, examples: Examples) -> None:
        try:
            models = prepare_models(examples, self._folder)
        except TrainingFailed as error:
            log.warning("training_failed", reason=str(error))
            return
        with self._lock:
            if examples == self._asked:
                self._models = models
                log.info("models_learnt", version=models.version)
