"""How a write is sent: again only when it cannot have counted, and otherwise told as lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.conta_azul.conftest import no_wait, unlimited
from tools.conta_azul.testing import Failure, FixedBearer, RunningSandbox, issue_bearer
from tools.conta_azul.transport import ContaAzulTransport, LostAnswerError, RefusedError
from tools.ports import ErpUnavailable

PATH = "/v1/pessoas"
PERSON = {"nome": "Ana", "tipo_pessoa": "Física", "perfis": [{"tipo_perfil": "Cliente"}]}


@pytest.fixture
async def transport(erp: RunningSandbox) -> AsyncIterator[ContaAzulTransport]:
    async with httpx.AsyncClient(base_url=erp.url, timeout=5) as http:
        yield ContaAzulTransport(http, FixedBearer(["stale", issue_bearer(erp.sandbox)]), unlimited(), sleep=no_wait)


async def test_a_limit_and_an_old_token_turn_a_write_away_before_it_counts(
    transport: ContaAzulTransport, erp: RunningSandbox
):
    erp.failures.script += [Failure(PATH, 429, times=2)]
    assert (await transport.write_json("POST", PATH, PERSON))["nome"] == "Ana"
    assert erp.failures.count(PATH) == 4
    assert len(erp.sandbox.store.all("people")) == 1


@pytest.mark.parametrize(("status", "body"), [(500, b""), (502, b"<html>"), (200, b"<html>")])
async def test_an_answer_that_says_nothing_is_lost_and_nothing_is_sent_again(
    transport: ContaAzulTransport, erp: RunningSandbox, status: int, body: bytes
):
    erp.failures.script += [Failure(PATH, status, body)]
    with pytest.raises(LostAnswerError):
        await transport.write_json("POST", PATH, PERSON)
    assert erp.failures.count(PATH) == 1


async def test_an_empty_answer_is_none_and_a_refusal_keeps_its_reason(
    transport: ContaAzulTransport, erp: RunningSandbox
):
    made = await transport.write_json("POST", PATH, PERSON)
    assert await transport.write_json("PATCH", f"{PATH}/{made['id']}", {"email": "a@b.example"}) is None
    with pytest.raises(RefusedError, match="nome") as refused:
        await transport.write_json("POST", PATH, PERSON | {"nome": ""})
    assert refused.value.status == 400


async def test_no_connection_at_all_is_no_lost_answer():
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as http:
        nowhere = ContaAzulTransport(http, FixedBearer(["x"]), unlimited(), sleep=no_wait)
        with pytest.raises(ErpUnavailable) as error:
            await nowhere.write_json("POST", PATH, PERSON)
    assert not isinstance(error.value, LostAnswerError)
