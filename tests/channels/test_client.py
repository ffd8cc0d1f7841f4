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
from channels.pictures import draw_qr
from channels.port import (
    Choice,
    FailureKind,
    Outbound,
    OutboundChoices,
    OutboundImage,
    OutboundText,
    SendFailed,
    send,
)

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


async def failure_of(channel: CloudApiChannel, message: Outbound | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await send(channel, message or reply())
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


BODY = "1. Bíblia Slim: R$ 89,90\n2. Hinário: R$ 39,90\nQual te agrada?"
TWO = (Choice("product:p-1", "Bíblia Slim"), Choice("product:p-2", "Hinário", "Hinário: R$ 39,90"))


def choices(*offered: Choice, text: str = BODY, menu: str = "") -> OutboundChoices:
    return OutboundChoices(str(uuid.uuid4()), CUSTOMER, text, offered, menu)


def picture(text: str = "00020126580014br.gov.bcb.pix6304ABCD") -> OutboundImage:
    return OutboundImage(str(uuid.uuid4()), CUSTOMER, text)


async def test_buttons_carry_their_ids(channel: CloudApiChannel, graph: FakeGraph) -> None:
    sent = choices(*TWO)
    await channel.send_choices(sent)
    entry = graph.ledger.delivered[-1]
    assert (entry.type, entry.text, entry.outbox_id) == ("interactive", BODY, sent.outbox_id)
    replies = [button["reply"] for button in entry.content["action"]["buttons"]]
    assert replies == [{"id": "product:p-1", "title": "Bíblia Slim"}, {"id": "product:p-2", "title": "Hinário"}]


async def test_a_menu_makes_a_list(channel: CloudApiChannel, graph: FakeGraph) -> None:
    await channel.send_choices(choices(*TWO, menu="Ver opções"))
    content = graph.ledger.delivered[-1].content
    assert (content["type"], content["action"]["button"]) == ("list", "Ver opções")
    assert content["action"]["sections"][0]["rows"] == [
        {"id": "product:p-1", "title": "Bíblia Slim"},
        {"id": "product:p-2", "title": "Hinário", "description": "Hinário: R$ 39,90"},
    ]


@pytest.mark.parametrize(
    "broken",
    [
        choices(Choice("product:1", "Bíblia por R$ 1.289,90")),
        choices(*(Choice(f"product:{n}", f"Opção {n}") for n in range(4))),
        choices(*TWO, text="a" * 1025),
        choices(Choice("product:1", "Bíblia"), Choice("product:2", "bíblia")),
        choices(Choice("product:1", "Bíblia 😊😊😊😊😊😊😊")),
        choices(Choice("product:1", "Bíblia", "d" * 73), menu="Ver opções"),
        choices(*TWO, menu="Ver todas as nossas opções"),
        choices(Choice("", "Bíblia")),
        choices(),
    ],
    ids=lambda message: f"{len(message.choices)}",
)
async def test_what_breaks_a_limit_is_said_in_full_instead_of_cut(
    channel: CloudApiChannel, graph: FakeGraph, broken: OutboundChoices
) -> None:
    await channel.send_choices(broken)
    entry = graph.ledger.delivered[-1]
    assert (entry.type, entry.text, entry.outbox_id) == ("text", broken.text, broken.outbox_id)


async def test_a_picture_is_uploaded_and_sent_by_its_id(channel: CloudApiChannel, graph: FakeGraph) -> None:
    sent = picture()
    receipt = await channel.send_image(sent)
    entry = graph.ledger.find(receipt.message_id)
    assert entry is not None
    assert (entry.type, entry.outbox_id) == ("image", sent.outbox_id)
    assert graph.ledger.media[entry.content["id"]] == draw_qr(sent.text)


@pytest.mark.parametrize(
    ("upload", "kind"),
    [
        (Behaviour(drop=True), FailureKind.RETRY),
        (Behaviour(delay=1.2), FailureKind.RETRY),
        (Behaviour(status=502), FailureKind.RETRY),
        (Behaviour(code=131053), FailureKind.REFUSED),
        (Behaviour(code=190), FailureKind.BLOCKED),
    ],
    ids=["broken", "slow", "gateway", "refused", "token"],
)
async def test_a_failed_upload_has_shown_the_customer_nothing(
    channel: CloudApiChannel, graph: FakeGraph, upload: Behaviour, kind: FailureKind
) -> None:
    before = len(graph.ledger.delivered)
    graph.ledger.script_uploads(upload)
    assert (await failure_of(channel, picture())).kind is kind
    assert len(graph.ledger.delivered) == before


async def test_a_picture_without_an_answer_may_have_been_sent(channel: CloudApiChannel, graph: FakeGraph) -> None:
    before = len(graph.ledger.delivered)
    graph.ledger.script(Behaviour(drop=True))
    assert (await failure_of(channel, picture())).kind is FailureKind.UNKNOWN
    assert len(graph.ledger.delivered) == before + 1


async def test_a_text_too_long_for_a_picture_is_refused_before_anything_is_sent(channel: CloudApiChannel) -> None:
    assert (await failure_of(channel, picture("a" * 3000))).kind is FailureKind.REFUSED
