"""What tests, benches and the simulator need to play WhatsApp: a fake Graph API on a port, and signed webhooks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels.cloud_api.client import CloudApiChannel
from channels.cloud_api.fake_graph.app import PHONE_NUMBER_ID, FakeGraphConfig, build_fake_graph
from channels.cloud_api.fake_graph.ledger import Behaviour, Ledger
from channels.cloud_api.fake_graph.status_webhooks import sign_body
from tools.testing import serve_in_thread

__all__ = ["Behaviour", "FakeGraph", "running_fake_graph", "sign_body", "text_message", "webhook_body"]


@dataclass(frozen=True, slots=True)
class FakeGraph:
    """A running fake: where it is, what it insists on, and its ledger."""

    graph_url: str
    """Base address with a version, as WHATSAPP_GRAPH_URL wants it."""
    config: FakeGraphConfig
    ledger: Ledger

    def open_channel(self, *, timeout: float = 10.0) -> CloudApiChannel:
        """A real channel that talks to this fake; the caller closes it."""
        return CloudApiChannel(
            graph_url=self.graph_url,
            phone_number_id=self.config.phone_number_id,
            access_token=self.config.access_token,
            timeout=timeout,
        )


@contextmanager
def running_fake_graph(config: FakeGraphConfig | None = None, *, log: Path | None = None) -> Generator[FakeGraph]:
    """The fake Graph API on a free loopback port, in a thread of its own."""
    settings, ledger = config or FakeGraphConfig(), Ledger(log)
    with serve_in_thread(build_fake_graph(settings, ledger)) as address:
        yield FakeGraph(f"{address}/v26.0", settings, ledger)


def text_message(text: str, *, sender: str, message_id: str = "", at: float | None = None) -> dict[str, Any]:
    """One item of `messages`: a text from a customer's wa_id, with a fresh wamid unless one is given."""
    return {
        "from": sender,
        "id": message_id or f"wamid.{uuid.uuid4().hex.upper()}",
        "timestamp": str(int(at or time.time())),
        "type": "text",
        "text": {"body": text},
    }


def webhook_body(
    messages: Sequence[dict[str, Any]] = (),
    *,
    statuses: Sequence[dict[str, Any]] = (),
    phone_number_id: str = PHONE_NUMBER_ID,
    name: str = "Cliente de Teste",
) -> bytes:
    """A whole webhook body, ready to be signed and posted."""
    senders = dict.fromkeys(str(message.get("from", "")) for message in messages)
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551130000000", "phone_number_id": phone_number_id},
    }
    if messages:
        value["contacts"] = [{"profile": {"name": name}, "wa_id": sender} for sender in senders]
        value["messages"] = list(messages)
    if statuses:
        value["statuses"] = list(statuses)
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, ensure_ascii=False).encode()
