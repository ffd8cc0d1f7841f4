"""Every message type and identity of the public reference is read; nothing, however broken, raises or is dropped."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.cloud_api.payloads import parse_webhook
from channels.port import DeliveryState, MessageKind
from runtime.inbox_sql import encode_rows, message_row, status_row
from tests.webhook.bodies import CUSTOMER, FIXTURES, load

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

EXPECTED = [
    (MessageKind.TEXT, "Bom dia, irmão! Tem Bíblia de estudo com letra grande? 🙏", None),
    (MessageKind.TEXT, "essa aqui, quanto fica?", "wamid.OURS0001"),
    (MessageKind.IMAGE, "tem dessa capa?", None),
    (MessageKind.AUDIO, "", None),
    (MessageKind.VIDEO, "olha o vestido", None),
    (MessageKind.DOCUMENT, "a lista da igreja", None),
    (MessageKind.STICKER, "", None),
    (MessageKind.LOCATION, "", None),
    (MessageKind.CONTACTS, "", None),
    (MessageKind.BUTTON, "Sim, quero", "wamid.OURS0002"),
    (MessageKind.BUTTON, "Finalizar", "wamid.OURS0003"),
    (MessageKind.BUTTON, "Bíblia Slim", None),
    (MessageKind.BUTTON, "Enviado", None),
    (MessageKind.ORDER, "pode ser pra sexta?", None),
    (MessageKind.REACTION, "❤️", "wamid.OURS0004"),
    (MessageKind.SYSTEM, "Dona Célia mudou de número", None),
    (MessageKind.SYSTEM, "", None),
    (MessageKind.TEXT, "na verdade são 3", "wamid.FIXTURE0001"),
    (MessageKind.SYSTEM, "", "wamid.FIXTURE0001"),
    (MessageKind.UNKNOWN, "", None),
    (MessageKind.UNKNOWN, "", None),
    (MessageKind.UNKNOWN, "", None),
    (MessageKind.SYSTEM, "oi gente", None),
]


def test_every_type_of_the_reference() -> None:
    parsed = parse_webhook(load("every_type"))
    assert [(message.kind, message.text, message.reply_to) for message in parsed.messages] == EXPECTED
    raw = load("every_type")["entry"][0]["changes"][0]["value"]["messages"]
    assert [message.payload for message in parsed.messages] == raw
    tapped = {message.text: message.choice_id for message in parsed.messages if message.kind is MessageKind.BUTTON}
    assert tapped == {"Sim, quero": "sim", "Finalizar": "b1", "Bíblia Slim": "p12", "Enviado": ""}
    assert all(message.choice_id == "" for message in parsed.messages if message.kind is not MessageKind.BUTTON)
    assert [message.message_id for message in parsed.messages] == [item["id"] for item in raw]
    assert {message.address for message in parsed.messages} == {CUSTOMER}
    assert {message.sender_name for message in parsed.messages} == {"Dona Célia"}
    assert parsed.messages[0].sent_at == datetime.fromtimestamp(1790000001, UTC)
    assert parsed.messages[0].sent_at.tzinfo is UTC


def test_identities_old_and_new() -> None:
    user_id = "BR.13491208655302741918"
    parsed = parse_webhook(load("identities"))
    assert [(message.text, message.address, message.sender_name) for message in parsed.messages] == [
        ("sem contatos", CUSTOMER, ""),
        ("contato sem wa_id", CUSTOMER, "Sem Número"),
        ("perfil nulo", CUSTOMER, ""),
        ("com user_id", CUSTOMER, "Com Id"),
        ("só user_id", user_id, "Só Id"),
        ("nada além do contato", user_id, "Contato"),
    ]


def test_one_bad_item_drops_none_of_its_neighbours() -> None:
    parsed = parse_webhook(load("mixed_and_bad"), received_at=NOW)
    kinds = [message.kind for message in parsed.messages]
    malformed = MessageKind.MALFORMED
    assert kinds == [
        MessageKind.TEXT,
        MessageKind.UNKNOWN,
        malformed,
        malformed,
        malformed,
        MessageKind.TEXT,
        malformed,
    ]
    assert parsed.messages[-2].text == "última boa"
    ids = [message.message_id for message in parsed.messages]
    assert len(set(ids)) == len(ids)
    assert all(id_.startswith("sha256:") for id_, kind in zip(ids, kinds, strict=True) if kind is malformed)
    again = parse_webhook(load("mixed_and_bad"), received_at=NOW)
    assert [message.message_id for message in again.messages] == ids
    assert parsed.messages[2].payload == {"raw": "isto não é uma mensagem"}
    assert parsed.messages[2].sent_at == NOW


def test_statuses_with_our_id_and_errors() -> None:
    parsed = parse_webhook(load("statuses_only"))
    states = [DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED]
    assert parsed.messages == ()
    assert [status.state for status in parsed.statuses] == states
    assert parsed.statuses[0].outbox_id == "0b9c5c1e-5f0e-4d0e-9d51-0a3f6c1d7e11"
    assert (parsed.statuses[3].error_code, parsed.statuses[3].outbox_id) == (131047, None)
    assert "24 hours" in parsed.statuses[3].error_detail


def test_account_events_consent_and_history() -> None:
    parsed = parse_webhook(load("account_events"))
    assert parsed.account_errors == (130429,)
    assert [(message.kind, message.address) for message in parsed.messages] == [(MessageKind.SYSTEM, CUSTOMER)]
    assert parsed.messages[0].payload["value"] == "stop"


def test_another_number_is_left_out_and_named() -> None:
    parsed = parse_webhook(load("another_number"), phone_number_id="106540352242922")
    assert (parsed.messages, parsed.phone_number_ids) == ((), ("999",))
    assert len(parse_webhook(load("another_number")).messages) == 1


@pytest.mark.parametrize("bad_id", ["w" * 5000, "wamid.\x00", "wamid.\ud800", "wamid.á"])
def test_ids_no_index_would_take_are_hashed_and_still_deduplicate(bad_id: str) -> None:
    body = load("every_type")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["id"] = bad_id
    first, second = (parse_webhook(body).messages[0] for _ in range(2))
    assert first.message_id == second.message_id
    assert len(first.message_id) == 71
    assert first.kind is MessageKind.TEXT


@pytest.mark.parametrize("bad_time", [None, "", "abc", "-1", "99999999999999", 1e999, True, 0, 1790000000000, [], "१७"])
def test_impossible_times_become_the_time_of_arrival(bad_time: object) -> None:
    body = load("every_type")
    body["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = bad_time
    assert parse_webhook(body, received_at=NOW).messages[0].sent_at == NOW


RAW = [json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*.json"))]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path for key in keys for path in [(*here, key), *_paths(value[key], (*here, key))]]


PATHS = [(number, path) for number, body in enumerate(RAW) for path in _paths(body)]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4), ANY_JSON, st.booleans())
def test_mutated_bodies_never_raise_and_stay_storable(
    places: list[tuple[int, tuple[Any, ...]]], value: Any, remove: bool
) -> None:
    body = copy.deepcopy(RAW[places[0][0]])
    for number, path in places:
        if number == places[0][0]:
            _mutate(body, path, value, remove)
    parsed = parse_webhook(body, received_at=NOW)
    encode_rows([message_row("loja", message) for message in parsed.messages]).encode()
    encode_rows([status_row("loja", status) for status in parsed.statuses]).encode()
    assert all(message.sent_at.tzinfo is UTC for message in parsed.messages)
    assert all(0 < len(message.message_id) <= 256 for message in parsed.messages)
    assert all(message.address or message.kind is MessageKind.MALFORMED for message in parsed.messages)


def _mutate(body: Any, path: tuple[Any, ...], value: Any, remove: bool) -> None:
    try:
        for key in path[:-1]:
            body = body[key]
        if remove:
            del body[path[-1]]
        else:
            body[path[-1]] = copy.deepcopy(value)
    except (KeyError, IndexError, TypeError):
        pass  # an earlier mutation has already taken this branch away


@given(ANY_JSON)
def test_any_json_object_is_read(value: Any) -> None:
    parse_webhook({"entry": value}, received_at=NOW)
    parse_webhook({"entry": [{"changes": [{"value": value}]}]}, received_at=NOW)
    parse_webhook({"entry": [{"changes": [{"value": {"messages": value, "contacts": value}}]}]}, received_at=NOW)
