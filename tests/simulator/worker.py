"""Plays the worker in the simulator's tests: writes turns and replies as the runtime does, and sends them."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sqlalchemy import text

from agent.replies import Reply
from channels.port import send
from channels.simulator import SimulatorChannel
from database.engine import Database
from runtime.outgoing import content_of, message_of
from tests.conftest import STORE

TRACE: dict[str, Any] = {
    "path": [
        "load_customer",
        "understand",
        "route",
        "strategy_pastor",
        "run_tools",
        "strategy_pastor",
        "prove_reply",
        "compose",
    ],
    "understanding": {
        "profile": "pastor",
        "confidence": 0.91,
        "price_profile": "pastor",
        "distribution": {"pastor": 0.91, "fiel": 0.06, "novo": 0.03},
        "evidence": [
            {"profile": "pastor", "kind": "stated", "words": "disse: “sou pastor da Assembleia”", "weight": 0.9},
            {"profile": "pastor", "kind": "stylistic", "words": "pede em quantidade: “30 Bíblias”", "weight": 0.4},
        ],
        "intents": ["buscar_produto", "perguntar_preco"],
        "entities": {"quantity": 30, "product_query": "bíblia para a congregação", "max_price": None, "ordinals": []},
    },
    "tools": [
        {
            "name": "search_products",
            "effect": "read",
            "arguments": {"query": "bíblia congregação", "max_price_reais": None, "only_in_stock": True},
            "result": {
                "produtos": [
                    {
                        "id": "p-014",
                        "sku": "BIB-ARC-EVG",
                        "nome": "Bíblia ARC Letra Grande, capa dura",
                        "preco": {"centavos": 4990, "texto": "R$ 49,90"},
                        "estoque": 64,
                    },
                    {
                        "id": "p-021",
                        "sku": "BIB-NVI-ECO",
                        "nome": "Bíblia NVI Econômica",
                        "preco": {"centavos": 2490, "texto": "R$ 24,90"},
                        "estoque": 120,
                    },
                ],
                "motivo": "",
            },
            "ok": True,
            "ms": 18.4,
        },
        {
            "name": "get_product",
            "effect": "read",
            "arguments": {"product_id": "p-021"},
            "result": {"erro": "O estoque ao vivo não respondeu a tempo."},
            "ok": False,
            "ms": 1503.0,
        },
    ],
    "model": {"name": "offline", "calls": 2, "input_tokens": 812, "output_tokens": 143},
    "prompts": {"system.md": "a1b2c3", "profiles/pastor.md": "9f8e7d"},
    "proof": {"figures": ["R$ 49,90", "R$ 24,90", "64 unidades"], "unproven": [], "rewrites": 0},
    "ms": 412.7,
    "messages": 2,
}

_FIND_CONVERSATION = text("""
INSERT INTO conversations (id, store_id, channel, address, customer_id)
SELECT gen_random_uuid(), :store, :channel, :address, id FROM customers WHERE store_id = :store AND address = :address
ON CONFLICT (store_id, channel, address) DO UPDATE SET updated_at = now() RETURNING id
""")
_INSERT_CUSTOMER = text("""
INSERT INTO customers (id, store_id, address, name) VALUES (gen_random_uuid(), :store, :address, :name)
ON CONFLICT DO NOTHING
""")
_INSERT_TURN = text("""
INSERT INTO turns (id, store_id, conversation_id, profile, trace, started_at)
VALUES (:turn, :store, :conversation, :profile, CAST(:trace AS jsonb), now() - interval '1 second')
""")
_TAKE_MESSAGES = text("""
UPDATE inbound_messages SET turn_id = :turn
WHERE store_id = :store AND channel = :channel AND address = :address AND turn_id IS NULL
""")
_INSERT_REPLY = text("""
INSERT INTO outbox (id, store_id, conversation_id, turn_id, channel, address, kind, text, content, status, sending_at)
VALUES (:id, :store, :conversation, :turn, :channel, :address, :kind, :text, CAST(:content AS jsonb), 'sending',
        clock_timestamp())
""")
_MARK_SENT = text("""
UPDATE outbox SET status = 'sent', sent_at = now(), channel_message_id = :message_id WHERE id = :id
""")


class ScriptedWorker:
    """Answers as the runtime would: a turn, an outbox row being sent, the channel, and only then `sent`."""

    def __init__(self, database: Database, *, channel: str = "simulator") -> None:
        self._database = database
        self._channel = channel
        self.port = SimulatorChannel(database)

    async def answer(
        self,
        address: str,
        reply: str | Reply,
        *,
        profile: str = "pastor",
        trace: dict[str, Any] | None = None,
        sent: bool = True,
    ) -> str:
        """Write one reply; returns its turn's id. `sent=False` stops before the row is marked sent."""
        reply = Reply(reply) if isinstance(reply, str) else reply
        content, turn, outbox_id = content_of(reply), str(uuid.uuid4()), str(uuid.uuid4())
        scope = {"store": STORE, "channel": self._channel, "address": address, "turn": turn}
        async with self._database.begin() as connection:
            await connection.execute(_INSERT_CUSTOMER, {"store": STORE, "address": address, "name": "Cliente"})
            conversation = (await connection.execute(_FIND_CONVERSATION, scope)).scalar_one()
            own = scope | {"conversation": conversation, "profile": profile, "trace": json.dumps(trace or TRACE)}
            await connection.execute(_INSERT_TURN, own)
            await connection.execute(_TAKE_MESSAGES, own)
            row = {"id": outbox_id, "kind": reply.kind, "text": reply.text, "content": json.dumps(content)}
            await connection.execute(_INSERT_REPLY, own | row)
        if sent:
            message = message_of(outbox_id, address, reply.kind, reply.text, content)
            receipt = await send(self.port, message)
            async with self._database.begin() as connection:
                await connection.execute(_MARK_SENT, {"id": outbox_id, "message_id": receipt.message_id})
        return turn
