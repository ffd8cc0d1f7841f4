"""Builds the model chain an installation asked for; heavy packages are imported only for the models that need them."""

from __future__ import annotations

from agent.chat_models.chain import ModelChain, NamedModel
from agent.chat_models.offline import OfflineSeller

ADVERSARIES = ("obedient", "lying", "garbage")
"""Models that misbehave on purpose: for tests and evals, never for customers."""


def build_models(
    name: str, *, api_key: str | None = None, base_url: str | None = None, deadline: float = 45.0
) -> ModelChain:
    """The chain for "offline", "openai:NAME", or an adversary by name; the offline seller always stands last.

    Raises ValueError for a name of no such form.
    """
    offline = NamedModel("offline", OfflineSeller())
    if name == "offline":
        return ModelChain((offline,), deadline=deadline)
    if name in ADVERSARIES:
        # Nothing of theirs is a passing fault: no pause before the offline seller takes over.
        return ModelChain((NamedModel(name, _adversary(name)), offline), deadline=deadline, tries=1, pause=0.0)
    vendor, _, model = name.partition(":")
    if vendor != "openai" or not model:
        raise ValueError(f"unknown model {name!r}: use offline, openai:NAME, or {', '.join(ADVERSARIES)} for tests")
    return ModelChain((NamedModel(name, _open_ai(model, api_key, base_url, deadline)), offline), deadline=deadline)


def _adversary(name: str):
    from agent import adversaries

    return adversaries.ADVERSARIES[name]()


def _open_ai(model: str, api_key: str | None, base_url: str | None, deadline: float):
    from pydantic import SecretStr

    from agent.chat_models.open_ai import LeanChatOpenAI

    # Retries are the chain's: nested ones multiply. A local compatible server needs no key, the client wants one.
    return LeanChatOpenAI(
        model=model,
        api_key=SecretStr(api_key or "unused"),
        base_url=base_url,
        max_retries=0,
        timeout=deadline,
        use_responses_api=False,
    )
