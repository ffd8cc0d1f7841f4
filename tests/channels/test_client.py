"""The Cloud API client against the strict fake: what it sends, and what every failure is taken for."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from channels.cloud_api.client import LONGEST_TEXT, CloudApiChannel
from channels.cloud_api.errors import BLOCKED_CODES, REFUSED_CODES, RETRY_CODES, classify_error
from channels.cloud_api.testing import Behaviour, FakeGraph, running_fake_graph
from channels.port import FailureKind, OutboundText, SendFailed

CUSTOMER = "5511900000001"


@pytest.fixture(scope="module")
def running() -> Iterator[FakeGraph]:
    with running_fake_graph() as graph:
        yield graph


@pytest.fixture
def graph(running: FakeGraph) -> Iterator[FakeGraph]:
    yield running
    assert running.ledger.unused_script == 0


@pytest.fixture
async def channel(graph: FakeGraph) -> AsyncIterator[CloudApiChannel]:
    opened = graph.open_channel(timeout=0.5)
    yield opened
    await opened.aclose()


def reply(text: str = "Temos sim! 😊", address: str = CUSTOMER) -> OutboundText:
    return OutboundText(str(uuid.uuid4()), address, text)


async def failure_of(channel: CloudApiChannel, message: OutboundText | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await channel.send_text(message or reply())
    return caught.value


async def test_a_text_arrives_with_our_id(channel: CloudApiChannel, graph: FakeGraph) -> None:
    sent = reply("Bíblia Slim: R$ 89,90\nPosso separar? 🙏")
    receipt = await channel.send_text(sent)
    entry = graph.ledger.find(receipt.message_id)
    assert entry is not None
    assert (entry.to, entry.text, entry.outbox_id, entry.type) == (CUSTOMER, sent.text, sent.outbox_id, "text")


async def test_a_customer_without_a_number_is_reached_by_user_id(channel: CloudApiChannel, graph: FakeGraph) -> None:
    await channel.send_text(reply(address="BR.13491208655302741918"))
    assert graph.ledger.delivered[-1].to == "BR.13491208655302741918"


@pytest.mark.parametrize(("length", "accepted"), [(0, False), (1, True), (4095, True), (4096, True), (4097, False)])
async def test_lengths_at_the_limit(channel: CloudApiChannel, length: int, accepted: bool) -> None:
    if accepted:
        await channel.send_text(reply("a" * length))
        return
    failure = await failure_of(channel, reply("a" * length))
    assert failure.kind is FailureKind.REFUSED
    assert str(LONGEST_TEXT) in failure.detail
    assert str(length) in failure.detail


async def test_half_a_character_is_refused_before_sending(channel: CloudApiChannel, graph: FakeGraph) -> None:
    before = len(graph.ledger.delivered)
    assert (await failure_of(channel, reply("quase \ud83d"))).kind is FailureKind.REFUSED
    assert len(graph.ledger.delivered) == before


CLASSES = [
    *((code, FailureKind.RETRY) for code in sorted(RETRY_CODES)),
    *((code, FailureKind.REFUSED) for code in sorted(REFUSED_CODES)),
    *((code, FailureKind.BLOCKED) for code in sorted(BLOCKED_CODES)),
]


async def test_every_code_has_its_class(channel: CloudApiChannel, graph: FakeGraph) -> None:
    before = len(graph.ledger.delivered)
    for code, kind in CLASSES:
        graph.ledger.script(Behaviour(code=code))
        failure = await failure_of(channel)
        assert (failure.code, failure.kind) == (code, kind)
        assert failure.detail == "scripted failure"
    assert len(graph.ledger.delivered) == before


def test_the_classes_do_not_overlap_and_hold_the_documented_codes() -> None:
    assert len(CLASSES) == len({code for code, _ in CLASSES})
    assert {1, 2, 4, 80007, 130429, 131056, 131057} <= RETRY_CODES
    assert {100, 33, 131026, 131047, 131049, 131051} <= REFUSED_CODES
    assert {0, 190, 368, 131031, 131042} <= BLOCKED_CODES
    assert classify_error(131047) is FailureKind.REFUSED
    assert classify_error(250) is FailureKind.BLOCKED


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (999_999, 400, FailureKind.REFUSED),
        (999_999, 500, FailureKind.RETRY),
        (999_999, 429, FailureKind.RETRY),
        (None, 429, FailureKind.RETRY),
        (None, 500, FailureKind.UNKNOWN),
        (None, 502, FailureKind.UNKNOWN),
        (None, 504, FailureKind.UNKNOWN),
        (None, 401, FailureKind.BLOCKED),
        (None, 404, FailureKind.BLOCKED),
        (None, 302, FailureKind.BLOCKED),
        (None, 422, FailureKind.REFUSED),
    ],
)
async def test_unlisted_answers(
    channel: CloudApiChannel, graph: FakeGraph, code: int | None, status: int, kind: FailureKind
) -> None:
    graph.ledger.script(Behaviour(code=code, status=status))
    failure = await failure_of(channel)
    assert (failure.kind, failure.code) == (kind, code)


async def test_a_dropped_answer_is_unknown_and_was_delivered_once(channel: CloudApiChannel, graph: FakeGraph) -> None:
    before = len(graph.ledger.delivered)
    graph.ledger.script(Behaviour(drop=True))
    assert (await failure_of(channel)).kind is FailureKind.UNKNOWN
    assert len(graph.ledger.delivered) == before + 1


async def test_a_slow_answer_is_unknown_not_failed(channel: CloudApiChannel, graph: FakeGraph) -> None:
    before = len(graph.ledger.delivered)
    graph.ledger.script(Behaviour(delay=1.2))
    assert (await failure_of(channel)).kind is FailureKind.UNKNOWN
    assert len(graph.ledger.delivered) == before + 1


async def test_no_connection_means_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}/v26.0"
        channel = CloudApiChannel(graph_url=closed, phone_number_id="1", access_token="x", timeout=1)
        assert (await failure_of(channel)).kind is FailureKind.RETRY
        await channel.show_typing(CUSTOMER, "wamid.X")
        await channel.aclose()
    assert (await failure_of(channel)).kind is FailureKind.RETRY


@pytest.mark.parametrize(("wrong", "code"), [("token", 190), ("number", 100)])
async def test_wrong_credentials(graph: FakeGraph, wrong: str, code: int) -> None:
    channel = CloudApiChannel(
        graph_url=graph.graph_url,
        phone_number_id="999" if wrong == "number" else graph.config.phone_number_id,
        access_token="segredo-errado" if wrong == "token" else graph.config.access_token,
    )
    failure = await failure_of(channel)
    assert failure.code == code
    assert "segredo-errado" not in f"{failure} {failure.detail}"
    await channel.aclose()


@pytest.mark.parametrize(("token", "scheme"), [("segredo\nquebrado", "http"), ("x", "ftp")])
async def test_unusable_settings_stop_and_keep_the_token_to_themselves(
    graph: FakeGraph, token: str, scheme: str
) -> None:
    url = graph.graph_url.replace("http", scheme, 1)
    channel = CloudApiChannel(graph_url=url, phone_number_id="1", access_token=token)
    failure = await failure_of(channel)
    assert failure.kind is FailureKind.BLOCKED
    assert "segredo" not in failure.detail
    await channel.aclose()


@pytest.mark.parametrize(("header", "expected"), [("7", 7.0), ("1.5", 1.5), ("amanhã?".encode().hex(), None)])
async def test_retry_after_in_seconds(
    channel: CloudApiChannel, graph: FakeGraph, header: str, expected: float | None
) -> None:
    graph.ledger.script(Behaviour(code=130429, retry_after=header))
    assert (await failure_of(channel)).retry_after == expected


async def test_retry_after_as_a_date(channel: CloudApiChannel, graph: FakeGraph) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    graph.ledger.script(Behaviour(code=4, retry_after=format_datetime(moment, usegmt=True)))
    waited = (await failure_of(channel)).retry_after
    assert waited is not None
    assert 25 < waited <= 30


async def test_typing_marks_read_and_never_raises(channel: CloudApiChannel, graph: FakeGraph) -> None:
    await channel.show_typing(CUSTOMER, "wamid.DELA")
    assert graph.ledger.reads[-1] == {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": "wamid.DELA",
        "typing_indicator": {"type": "text"},
    }
    started = time.monotonic()
    await channel.show_typing(CUSTOMER, "")
    assert time.monotonic() - started < 2
