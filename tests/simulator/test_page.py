"""The page in a real browser: chats, live updates, the why drawer, keyboard, bad connections, both screen sizes."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import text

from channels.port import OutboundText
from database.engine import Database
from tests.browser import overflowing
from tests.simulator.worker import TRACE, ScriptedWorker

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}
ADDRESS, SECOND = "5500900000001", "5500900000002"
REPLY = "Paz do Senhor, pastor! A *Bíblia ARC* sai por R$ 49,90. Quer que eu separe as 30?"


async def visit(page: Page, site: str, size: dict[str, int] = LAPTOP) -> None:
    await page.set_viewport_size({"width": size["width"], "height": size["height"]})
    await page.goto(f"{site}/simulator")


async def start(page: Page, site: str, size: dict[str, int] = LAPTOP) -> Locator:
    """Open the page, pick the first example customer and return the chat."""
    await visit(page, site, size)
    await page.get_by_role("button", name="Pr. Josué").click()
    chat = page.get_by_role("region", name="Pr. Josué", exact=True)
    await expect(chat).to_be_visible()
    return chat


async def type_and_send(chat: Locator, words: str) -> None:
    box = chat.get_by_role("textbox")
    await box.fill(words)
    await box.press("Enter")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_a_sale_from_hello_to_why(
    chromium_page: Page, site: str, worker: ScriptedWorker, size: dict[str, int]
) -> None:
    page = chromium_page
    await visit(page, site, size)
    assert await overflowing(page) == []
    await page.get_by_role("button", name="Pr. Josué").click()
    chat = page.get_by_role("region", name="Pr. Josué", exact=True)
    await chat.get_by_role("button", name="Paz do Senhor! Sou pastor").click()
    await expect(chat.locator(".bubble.from-customer .tick.sent")).to_be_visible()
    assert await overflowing(page) == []

    await worker.port.show_typing(ADDRESS, "sim.1")
    await expect(chat.get_by_text("Novo Israel está digitando…")).to_be_visible()
    await expect(chat.locator(".typing")).to_be_visible()
    await expect(chat.locator(".bubble.from-customer .tick.read")).to_be_visible()

    await worker.answer(ADDRESS, REPLY)
    await expect(chat.get_by_text("sai por R$ 49,90")).to_be_visible()
    await expect(chat.locator(".bubble.from-seller strong")).to_have_text("Bíblia ARC")
    await expect(chat.locator(".typing")).to_be_hidden()
    await expect(chat.get_by_text("fala com Novo Israel")).to_be_visible()
    assert await overflowing(page) == []

    await chat.get_by_role("button", name="Por quê?").click()
    drawer = page.get_by_role("dialog", name="Por que esta resposta?")
    for words in (
        "413 ms",
        "91% de certeza",
        "disse: “sou pastor da Assembleia”",
        "o cliente disse",
        "Conferiu os números",
        "procura um produto",
        "Todos os números vieram das ferramentas.",
        "profiles/pastor.md",
    ):
        await expect(drawer.get_by_text(words, exact=True)).to_be_visible()
    steps = await drawer.locator(".flow li").evaluate_all("steps => steps.map((step) => step.title)")
    assert steps == TRACE["path"]
    await expect(drawer.get_by_text("955")).to_be_visible()
    await drawer.get_by_text("Buscou no catálogo").click()
    await expect(drawer.get_by_text("bíblia congregação")).to_be_visible()
    await expect(drawer.get_by_text("R$ 24,90").first).to_be_visible()
    assert await overflowing(page) == []
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()


async def test_a_trace_with_nothing_in_it_still_opens(chromium_page: Page, site: str, worker: ScriptedWorker) -> None:
    chat = await start(chromium_page, site)
    await worker.answer(ADDRESS, "Olá!", profile="novo", trace={"tools": None, "proof": {}, "path": ["um_no_novo"]})
    await chat.get_by_role("button", name="Por quê?").click()
    drawer = chromium_page.get_by_role("dialog", name="Por que esta resposta?")
    await expect(drawer.get_by_text("um_no_novo")).to_be_visible()
    await expect(drawer.get_by_text("A resposta não cita números.")).to_be_visible()


async def test_keyboard_and_words_that_look_like_markup(chromium_page: Page, site: str, worker: ScriptedWorker) -> None:
    chat = await start(chromium_page, site)
    box = chat.get_by_role("textbox")
    await expect(box).to_be_focused()
    await box.press_sequentially("<img src=x onerror=alert(1)>")
    await box.press("Shift+Enter")
    await box.press_sequentially("segunda linha")
    await box.press("Enter")
    bubble = chat.locator(".bubble.from-customer")
    await expect(bubble.locator(".words")).to_have_text("<img src=x onerror=alert(1)>\nsegunda linha")
    await expect(box).to_have_value("")
    await worker.answer(ADDRESS, "<script>alert(1)</script> 2 * 3 * 4 e javascript:alert(1)")
    await expect(chat.locator(".bubble.from-seller .words")).to_have_text(
        "<script>alert(1)</script> 2 * 3 * 4 e javascript:alert(1)"
    )
    assert await chat.locator(".bubble img, .bubble script, .bubble a").count() == 0


async def test_a_burst_arrives_once_and_in_order(chromium_page: Page, site: str, database: Database) -> None:
    chat = await start(chromium_page, site)
    for number in range(6):
        await type_and_send(chat, f"mensagem {number}")
    await expect(chat.locator(".tick.sent")).to_have_count(6)
    async with database.connect() as connection:
        stored = await connection.execute(text("SELECT text FROM inbound_messages ORDER BY id"))
        assert [*stored.scalars()] == [f"mensagem {number}" for number in range(6)]


async def test_an_announcement_before_its_reply_is_stored(
    chromium_page: Page, site: str, worker: ScriptedWorker, database: Database
) -> None:
    chat = await start(chromium_page, site)
    await worker.port.send_text(OutboundText("00000000-0000-0000-0000-000000000000", ADDRESS, "ainda não gravado"))
    await chromium_page.wait_for_timeout(400)
    await worker.answer(ADDRESS, "gravado depois do aviso", sent=False)
    reply = chat.locator(".bubble.from-seller")
    await expect(reply.get_by_text("gravado depois do aviso")).to_be_visible()
    await expect(reply.locator(".tick.sending")).to_be_visible()
    async with database.begin() as connection:
        await connection.execute(text("UPDATE outbox SET status = 'sent', channel_message_id = id::text"))
    await expect(reply.locator(".tick.sending")).to_have_count(0)
    await expect(reply.get_by_text("gravado depois do aviso")).to_be_visible()


async def test_an_open_chat_reports_what_was_read(
    chromium_page: Page, site: str, worker: ScriptedWorker, database: Database
) -> None:
    chat = await start(chromium_page, site)
    await worker.answer(ADDRESS, "lida na hora")
    await expect(chat.get_by_text("lida na hora")).to_be_visible()
    async with asyncio.timeout(5):
        while True:
            async with database.connect() as connection:
                states = await connection.execute(text("SELECT state FROM delivery_statuses"))
                if [*states.scalars()] == ["read"]:
                    break
            await asyncio.sleep(0.05)


async def test_pictures_voice_and_stickers(chromium_page: Page, site: str, database: Database) -> None:
    chat = await start(chromium_page, site)
    for label in ("Foto", "Mensagem de voz", "Figurinha"):
        await chat.get_by_role("button", name="Anexar").click()
        await chat.get_by_role("button", name=label).click()
    await expect(chat.locator(".tick.sent")).to_have_count(3)
    async with database.connect() as connection:
        stored = await connection.execute(text("SELECT kind FROM inbound_messages ORDER BY id"))
        assert [*stored.scalars()] == ["image", "audio", "sticker"]


async def test_customers_side_by_side_and_unread(chromium_page: Page, site: str, worker: ScriptedWorker) -> None:
    page = chromium_page
    await start(page, site)
    for name in ("Camila (19)", "Dona Lourdes"):
        await page.get_by_role("button", name="Novo cliente").click()
        await page.get_by_role("dialog").get_by_role("button", name=name).click()
    chats = page.locator(".chat")
    await expect(chats).to_have_count(2)
    await worker.answer(ADDRESS, "Pastor, chegou!")
    await worker.answer(SECOND, "Oi, Camila!", profile="jovem")
    closed = page.get_by_role("list").get_by_role("button", name=re.compile("Pr. Josué"))
    await expect(closed.locator(".badge")).to_contain_text("1")
    await expect(page).to_have_title("(1) Simulador · Novo Israel")
    await expect(chats.get_by_text("Oi, Camila!")).to_be_visible()
    await closed.click()
    await expect(chats.get_by_text("Pastor, chegou!")).to_be_visible()
    await expect(page).to_have_title("Simulador · Novo Israel")
    await page.reload()
    await expect(chats).to_have_count(2)
    await expect(page).to_have_title("Simulador · Novo Israel")


async def test_a_phone_goes_back_to_the_list(chromium_page: Page, site: str) -> None:
    page = chromium_page
    chat = await start(page, site, PHONE)
    entry = page.get_by_role("list").get_by_role("button", name=re.compile("Pr. Josué"))
    await expect(entry).to_be_hidden()
    await chat.get_by_role("button", name="Voltar para a lista").click()
    await expect(entry).to_be_visible()
    await expect(chat).to_be_hidden()
    await entry.click()
    await expect(chat).to_be_visible()
    await page.go_back()
    await expect(entry).to_be_visible()


async def test_without_a_line_nothing_is_lost_or_doubled(
    chromium_page: Page, site: str, worker: ScriptedWorker, database: Database
) -> None:
    page = chromium_page
    chat = await start(page, site)
    await type_and_send(chat, "antes")
    await expect(chat.locator(".tick.sent")).to_have_count(1)
    await page.context.set_offline(True)
    await expect(page.get_by_role("alert")).to_have_text("Sem conexão com o servidor. Tentando de novo…")
    await type_and_send(chat, "no túnel")
    await expect(chat.locator(".tick.waiting")).to_have_count(1)
    await worker.answer(ADDRESS, "respondi enquanto isso")
    await page.context.set_offline(False)
    await expect(page.get_by_role("alert")).to_be_hidden()
    await expect(chat.locator(".tick.waiting")).to_have_count(0)
    await expect(chat.get_by_text("respondi enquanto isso")).to_be_visible()
    async with database.connect() as connection:
        stored = await connection.execute(text("SELECT text FROM inbound_messages ORDER BY id"))
        assert [*stored.scalars()] == ["antes", "no túnel"]


async def test_starting_over_asks_first(chromium_page: Page, site: str, worker: ScriptedWorker) -> None:
    page = chromium_page
    chat = await start(page, site)
    await worker.answer(ADDRESS, "Primeira conversa")
    await expect(chat.get_by_text("Primeira conversa")).to_be_visible()
    await chat.get_by_role("button", name="Recomeçar a conversa").click()
    await page.get_by_role("button", name="Cancelar").click()
    await expect(chat.get_by_text("Primeira conversa")).to_be_visible()
    await chat.get_by_role("button", name="Recomeçar a conversa").click()
    await page.get_by_role("button", name="Apagar e recomeçar").click()
    await expect(chat.get_by_text("Primeira conversa")).to_have_count(0)
    await expect(chat.get_by_role("button", name="Paz do Senhor! Sou pastor")).to_be_visible()


async def test_the_page_says_whether_the_seller_lives(chromium_page: Page, site: str, database: Database) -> None:
    page = chromium_page
    chat = await start(page, site)
    await expect(page.get_by_text("Vendedor parado: as mensagens ficam guardadas")).to_be_visible()
    await type_and_send(chat, "tem alguém aí?")
    await expect(chat.get_by_text("O vendedor está parado.")).to_be_visible()
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    await page.reload()
    await expect(page.get_by_text("Vendedor ativo")).to_be_visible()
    await expect(chat.get_by_text("O vendedor está parado.")).to_be_hidden()


async def test_a_quiet_seller_is_explained(
    chromium_page: Page, site: str, worker: ScriptedWorker, database: Database
) -> None:
    chat = await start(chromium_page, site)
    await worker.answer(ADDRESS, "Chamei um atendente.")
    async with database.begin() as connection:
        await connection.execute(text("UPDATE conversations SET mode = 'attendant'"))
    await type_and_send(chat, "ok")
    await expect(chat.get_by_text("Um atendente foi chamado")).to_be_visible()
