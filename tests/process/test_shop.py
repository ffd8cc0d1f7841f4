"""The product's own processes: a WhatsApp batch is answered once, and a killed worker loses and doubles nothing."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from agent.testing import ScriptedAnswer, openai_server
from channels.cloud_api.testing import text_message, webhook_body
from tests.process.shop import VERIFY_TOKEN, Shop, open_shop, wait_until

pytestmark = pytest.mark.process

BATCH = Path(__file__).parent / "batch.json"


@pytest.fixture(scope="module")
def module_database(postgres: str) -> Iterator[str]:
    import psycopg

    from tests.conftest import with_database

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop TEMPLATE template_novo")
    yield with_database(postgres, "shop")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, module_database: str) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop"), module_database) as opened:
        opened.start("worker")
        yield opened


def all_answered(shop: Shop) -> bool:
    waiting = "SELECT count(*) FROM inbound_messages WHERE turn_id IS NULL AND kind NOT IN ('reaction', 'system')"
    unsent = "SELECT count(*) FROM outbox WHERE status <> 'sent'"
    return shop.query(waiting)[0][0] == 0 and shop.query(unsent)[0][0] == 0


def test_a_recorded_batch_gets_one_right_answer_per_conversation(shop: Shop) -> None:
    # Old messages are stored and left alone, so the recording is made to be of this minute.
    body = re.sub(rb'"timestamp": "\d+"', b'"timestamp": "%d"' % time.time(), BATCH.read_bytes())
    senders = sorted(
        {
            message["from"]
            for entry in json.loads(body)["entry"]
            for change in entry["changes"]
            for message in change["value"].get("messages", [])
            if message["type"] != "reaction"
        }
    )
    assert shop.post(body).status_code == 200
    wait_until(lambda: all_answered(shop), what="answering the batch")
    assert {wa_id: len(shop.replies_to(wa_id)) for wa_id in senders} == dict.fromkeys(senders, 1)
    assert "R$" in shop.replies_to("5500900000101")[0], "the question about a product is answered with its price"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: shop.post(body).status_code, range(50)))
    assert answers == [200] * 50
    wait_until(lambda: all_answered(shop), what="settling")
    assert {wa_id: len(shop.replies_to(wa_id)) for wa_id in senders} == dict.fromkeys(senders, 1)


def test_statuses_lift_the_delivery_mark(shop: Shop) -> None:
    shop.post(webhook_body([text_message("bom dia", sender="5500900000110")]))
    wait_until(lambda: len(shop.replies_to("5500900000110")) == 1, what="the answer")
    delivered = "SELECT count(*) FROM outbox WHERE address = '5500900000110' AND delivery = 'delivered'"
    wait_until(lambda: shop.query(delivered)[0][0] == 1, what="the delivery report")


def test_typing_is_shown_and_the_message_marked_read(shop: Shop) -> None:
    message = text_message("oi", sender="5500900000111")
    shop.post(webhook_body([message]))
    wait_until(lambda: len(shop.replies_to("5500900000111")) == 1, what="the answer")
    assert any(read["message_id"] == message["id"] for read in shop.graph.ledger.reads)


def test_a_bad_signature_stores_nothing(shop: Shop) -> None:
    before = shop.query("SELECT count(*) FROM inbound_messages")
    body = webhook_body([text_message("oi", sender="5500900000112")])
    assert shop.post(body, signature="sha256=" + "0" * 64).status_code == 401
    assert shop.query("SELECT count(*) FROM inbound_messages") == before


def test_the_verify_challenge(shop: Shop) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY_TOKEN}
    right = httpx.get(f"{shop.address}/webhooks/whatsapp", params=query)
    wrong = httpx.get(f"{shop.address}/webhooks/whatsapp", params=query | {"hub.verify_token": "x"})
    assert (right.status_code, right.text, wrong.status_code) == (200, "1158201444", 403)


def test_a_burst_gets_one_answer(shop: Shop) -> None:
    for text in ("oi", "tudo bem?", "vcs tem caneca?"):
        shop.post(webhook_body([text_message(text, sender="5500900000113")]))
    wait_until(lambda: all_answered(shop), what="answering the burst")
    assert len(shop.replies_to("5500900000113")) == 1
    assert "R$" in shop.replies_to("5500900000113")[0]


def test_attendant_and_opt_out_make_the_seller_quiet(shop: Shop) -> None:
    for wa_id, words, mode in (
        ("5500900000114", "quero falar com um atendente", "attendant"),
        ("5500900000115", "parar", "opted_out"),
    ):
        shop.post(webhook_body([text_message(words, sender=wa_id)]))
        wait_until(lambda wa_id=wa_id: len(shop.replies_to(wa_id)) == 1, what=words)
        shop.post(webhook_body([text_message("tem bíblia?", sender=wa_id)]))
        wait_until(lambda: all_answered(shop), what="keeping quiet")
        assert len(shop.replies_to(wa_id)) == 1
        assert shop.query(f"SELECT mode FROM conversations WHERE address = '{wa_id}'") == [(mode,)]
    reasons = shop.query("SELECT reason FROM escalations")
    assert ("pediu_atendente",) in reasons
    assert shop.query("SELECT subject, granted, proof FROM consents") == [("messages", False, "parar")]


def test_health_and_metrics_tell_of_all_parts(shop: Shop) -> None:
    health = httpx.get(f"{shop.address}/health").json()
    assert {name: part["state"] for name, part in health["components"].items()} == {
        "database": "ok",
        "worker": "ok",
        "queue": "ok",
        "catalog": "ok",
        "erp": "ok",
        "outbox": "ok",
        "prompts": "ok",
        "sales": "ok",
    }
    metrics = httpx.get(f"{shop.address}/metrics").text
    assert 'novo_replies{status="sent"}' in metrics
    assert 'novo_conversations{mode="opted_out"} 1.0' in metrics


def test_the_logs_are_json_with_ids_and_without_personal_data(shop: Shop) -> None:
    shop.post(webhook_body([text_message("meu cpf é 529.982.247-25", sender="5500900000116")], name="Fulana Canária"))
    wait_until(lambda: len(shop.replies_to("5500900000116")) == 1, what="the answer")
    for role in ("web", "worker"):
        lines = shop.log(role).splitlines()
        records = [json.loads(line) for line in lines]
        assert records
        for canary in ("5500900000116", "Canária", "529.982", "52998224725"):
            assert canary not in shop.log(role)
    answered = [record for record in records if record["event"] == "turn_answered"]
    assert all(record["conversation_id"] and record["turn_id"] for record in answered)


def test_a_worker_killed_during_a_turn_answers_once_after_its_restart(
    tmp_path: Path, started_database_url: str
) -> None:
    with (
        openai_server(ScriptedAnswer("Olá! Em que posso ajudar?", delay=3)) as model,
        open_shop(tmp_path, started_database_url, OPENAI_BASE_URL=model.base_url, NOVO_MODEL="openai:gpt-test") as shop,
    ):
        shop.start("worker")
        shop.post(webhook_body([text_message("bom dia", sender="5500900000120")]))
        wait_until(lambda: len(model.requests) == 1, what="the model call")
        shop.kill("worker")
        assert shop.replies_to("5500900000120") == []
        shop.start("worker")
        wait_until(lambda: len(shop.replies_to("5500900000120")) == 1, seconds=40, what="the answer after the restart")
        wait_until(lambda: all_answered(shop), what="settling")
        assert shop.replies_to("5500900000120") == ["Olá! Em que posso ajudar?"]
        assert shop.query("SELECT count(*) FROM turns") == [(1,)]
