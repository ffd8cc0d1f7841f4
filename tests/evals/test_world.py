"""The world on a real database: the customer has a past, and whatever the seller touches that is not theirs is seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from database.engine import Database
from evals.checks import check_database
from evals.scenarios import Scenario
from evals.world import World
from tests.conftest import STORE
from tests.evals.conftest import OpenWorld
from tools.history.sql import SqlHistory
from wiring.dialogue import Answer

SCENARIO = Scenario.model_validate(
    {
        "id": "harpa",
        "perfil": "fiel",
        "historico": [
            {"data": "2026-05-03", "itens": [{"sku": "HIN-HAR-LG", "qtd": 2}, {"sku": "CAN-CAFE"}]},
            {"data": "2026-01-10", "itens": [{"sku": "CAN-CAFE"}]},
        ],
        "cliente": {"nome": "Zilda", "roteiro": ["a mesma harpa"]},
        "espera": {},
    }
)


class Meddler:
    """Runs one statement and answers nothing."""

    def __init__(self, database: Database, statement: str, address: str) -> None:
        self._database, self._statement, self._address = database, statement, address

    async def say(self, *texts: str) -> Answer:
        async with self._database.begin() as connection:
            for one in self._statement.split(";"):
                named = {"address": self._address} if ":address" in one else {}
                await connection.execute(text(one), named)
        return Answer((), {}, "novo", "seller")


OWN = (
    "INSERT INTO conversations (id, store_id, channel, address, customer_id, mode) SELECT gen_random_uuid(),"
    " store_id, 'evals', address, id, 'attendant' FROM customers WHERE address = :address;"
)


async def play(open_world: OpenWorld, database: Database, statement: str) -> list[str]:
    world = await open_world(lambda address, _name: Meddler(database, statement, address))
    objections = check_database(SCENARIO, await world.play(SCENARIO))
    return [line.removeprefix("mudou o que não era desta conversa: ") for line in objections if "mudou" in line]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        OWN,
        OWN + "INSERT INTO carts (id, store_id, conversation_id) SELECT gen_random_uuid(), store_id, id"
        " FROM conversations WHERE address = :address;"
        "INSERT INTO cart_items SELECT c.id, 'p1', c.store_id, 'CAN-CAFE', 'Caneca', 1, 3690 FROM carts c"
        " JOIN conversations v ON v.id = c.conversation_id WHERE v.address = :address",
        "INSERT INTO consents (store_id, customer_id, subject, granted, proof) SELECT store_id, id, 'messages', false,"
        " 'parar' FROM customers WHERE address = :address",
    ],
    ids=["nothing", "own conversation", "own cart", "own consent"],
)
async def test_the_customers_own_rows_may_change(open_world: OpenWorld, database: Database, statement: str) -> None:
    assert await play(open_world, database, statement) == []


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE cart_items SET quantity = 7", "cart_items"),
        ("DELETE FROM cart_items", "cart_items"),
        ("UPDATE conversations SET mode = 'opted_out'", "conversations"),
        ("UPDATE products SET price_centavos = 1 WHERE sku = 'CAN-CAFE'", "products"),
        ("UPDATE products SET stock = stock - 1 WHERE sku = 'CAN-CAFE'", "products"),
        ("UPDATE transactions SET total_centavos = 1", "transactions"),
        ("DELETE FROM applied_effects", "applied_effects"),
        ("UPDATE customers SET name = 'Outra' WHERE name = 'Vizinha'", "customers"),
        (
            "INSERT INTO consents (store_id, customer_id, subject, granted, proof) SELECT store_id, id, 'messages',"
            " false, 'parar' FROM customers WHERE name = 'Vizinha'",
            "consents",
        ),
        (
            "INSERT INTO inbound_messages (store_id, channel, message_id, address, kind, sent_at)"
            f" VALUES ('{STORE}', 'evals', 'm', '5511900000000', 'text', now())",
            "inbound_messages",
        ),
    ],
)
async def test_other_rows_may_not(open_world: OpenWorld, database: Database, statement: str, table: str) -> None:
    assert await play(open_world, database, statement) == [table]


async def test_the_erp_may_not_change_but_its_tokens_may(open_world: OpenWorld, erp_state: Path) -> None:
    class Seller:
        def __init__(self, collection: str) -> None:
            self._collection = collection

        async def say(self, *texts: str) -> Answer:
            state = json.loads(erp_state.read_text())
            erp_state.write_text(json.dumps(state | {self._collection: {"new": {"expires_at": 2}}}))
            return Answer((), {}, "novo", "seller")

    async def objections(collection: str) -> list[str]:
        world: World = await open_world(lambda _address, _name: Seller(collection))
        return [line for line in check_database(SCENARIO, await world.play(SCENARIO, epoch=2)) if "mudou" in line]

    assert await objections("access_tokens") == []


async def test_an_order_in_the_erp_is_seen(open_world: OpenWorld, erp_state: Path) -> None:
    class Seller:
        async def say(self, *texts: str) -> Answer:
            state = json.loads(erp_state.read_text())
            erp_state.write_text(json.dumps(state | {"sales": {"1": {"total": "59.90"}}}))
            return Answer((), {}, "novo", "seller")

    world = await open_world(lambda _address, _name: Seller())
    assert "mudou o que não era desta conversa: erp" in check_database(SCENARIO, await world.play(SCENARIO))


async def test_an_erp_without_state_is_refused_not_trusted(open_world: OpenWorld, erp_state: Path) -> None:
    world = await open_world(lambda _address, _name: pytest.fail("nobody should have been asked"))
    erp_state.unlink()
    with pytest.raises(FileNotFoundError):
        await world.play(SCENARIO)


async def test_the_past_is_seeded_at_catalogue_prices(open_world: OpenWorld, database: Database) -> None:
    met: list[str] = []

    def open_talk(address: str, name: str) -> Meddler:
        met.append(address)
        return Meddler(database, "SELECT 1", address)

    world = await open_world(open_talk)
    await world.play(SCENARIO)
    history = SqlHistory(database)
    customer = await history.find_or_create_customer(STORE, met[0], "")
    newest, oldest = await history.list_past_purchases(STORE, customer.id)
    assert customer.name == "Zilda"
    assert [(item.name, item.quantity) for item in newest.items] == [
        ("Harpa Cristã Letra Grande Capa Dura", 2),
        ("Caneca Café com Deus Cerâmica 325 ml", 1),
    ]
    assert (newest.total.centavos, oldest.total.centavos) == (11670, 3690)
