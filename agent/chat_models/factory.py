"""Builds the model chain an installation asked for; heavy packages are imported only for the models that need them."""

from __future__ import annotations

from agent.chat_models.chain import ModelChain, NamedModel
from agent.chat_models.offline import OfflineSeller


def build_models(
    name: str, *, api_key: str | None = None, base_url: str | None = None, deadline: float = 45.0
) -> ModelChain:
    """The chain for "offline" or "openai:NAME"; the offline seller always stands last.

    Raises ValueError for a name of neither form.
    """
    offline = NamedModel("offline", OfflineSeller())
    if name == "offline":
        return ModelChain((offline,), deadline=deadline)
    vendor, _, model = name.partition(":")
    if vendor != "openai" or not model:
        raise ValueError(f"unknown model {name!r}: use offline or openai:NAME")
    return ModelChain((NamedModel(name, _open_ai(model, api_key, base_url, deadline)), offline), deadline=deadline)


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
