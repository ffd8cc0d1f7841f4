"""What can be tapped on the page: buttons, a list's sheet, a code to copy and its picture, on both screen sizes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from agent.replies import Choice, Reply, ReplyKind
from database.engine import Database
from tests.browser import overflowing
from tests.simulator.test_page import ADDRESS, LAPTOP, PHONE, start
from tests.simulator.worker import ScriptedWorker

pytestmark = pytest.mark.browser

CODE = (
    "00020126580014br.gov.bcb.pix0136123e4567-e89b-42d3-a456-426614174000"
    "520400005303986540549.905802BR5911NOVO ISRAEL6009SAO PAULO62070503***63041D3D"
)
LINES = [
    f"{place}. Bíblia de Estudo Pentecostal capa {cover}: R$ 8{place},90 (temos {place} em estoque)"
    for place, cover in enumerate("ABCDE", 1)
]
LIST = Reply(
    "\n".join(["Olha o que eu encontrei:", *LINES, "Qual te agrada?"]),
    ReplyKind.LIST,
    tuple(Choice(f"product:p-{n}", f"{n}. …capa {'ABCDE'[n - 1]}", line[3:]) for n, line in enumerate(LINES, 1)),
    "Ver opções",
)
QUESTION = Reply(
    "Seu pedido: 1x Boné. Total: R$ 49,90. Posso fechar o pedido?",
    ReplyKind.BUTTONS,
    (Choice("answer:yes:t-7", "Sim"), Choice("answer:change:t-7", "Alterar")),
)


async def stored(database: Database) -> list[tuple[str, str, str]]:
    async with database.connect() as connection:
        rows = await connection.execute(text("SELECT kind, text, choice_id FROM inbound_messages ORDER BY id"))
        return [tuple(row) for row in rows]


async def photograph(page: Page, name: str) -> None:
    """Kept only where somebody wants to look."""
    if folder := os.environ.get("NOVO_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_a_sale_by_tapping(
    chromium_page: Page, site: str, worker: ScriptedWorker, database: Database, size: dict[str, int]
) -> None:
    page = chromium_page
    chat = await start(page, site, size)
    await worker.answer(ADDRESS, LIST)
    await chat.get_by_role("button", name="Ver opções").click()
    sheet = page.get_by_role("dialog", name="Ver opções")
    await expect(sheet.get_by_role("radio")).to_have_count(5)
    await expect(sheet.get_by_text("R$ 83,90")).to_be_visible()
    await expect(sheet.get_by_role("button", name="Enviar")).to_be_disabled()
    await sheet.get_by_text("3. …capa C").click()
    assert await overflowing(page) == []
    await photograph(page, f"sheet-{size['width']}")
    await sheet.get_by_role("button", name="Enviar").click()
    await expect(sheet).to_have_count(0)
    await expect(chat.locator(".bubble.from-customer")).to_contain_text("3. …capa C")

    await worker.answer(ADDRESS, QUESTION)
    await expect(chat.get_by_role("button", name="Alterar")).to_be_visible()
    assert await overflowing(page) == []
    await photograph(page, f"buttons-{size['width']}")
    await chat.get_by_role("button", name="Sim", exact=True).click()
    await expect(chat.locator(".bubble.from-customer").last).to_contain_text("Sim")
    await expect(chat.locator(".bubble.from-customer .tick.sending, .tick.waiting")).to_have_count(0)
    assert await stored(database) == [("button", "3. …capa C", "product:p-3"), ("button", "Sim", "answer:yes:t-7")]

    for handout in (Reply(CODE, is_handout=True), Reply(CODE, ReplyKind.IMAGE, is_handout=True)):
        await worker.answer(ADDRESS, handout)
    picture = chat.get_by_role("img", name="QR Code")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("image => image.naturalWidth") > 200
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await chat.get_by_role("button", name="Copiar código").click()
    await expect(chat.get_by_role("button", name="Copiado")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == CODE
    assert await overflowing(page) == []
    await photograph(page, f"pix-{size['width']}")


async def test_a_sheet_left_open_sends_nothing(
    chromium_page: Page, site: str, worker: ScriptedWorker, database: Database
) -> None:
    page = chromium_page
    chat = await start(page, site)
    await worker.answer(ADDRESS, LIST)
    opener = chat.get_by_role("button", name="Ver opções")
    await opener.click()
    await page.get_by_role("dialog", name="Ver opções").get_by_text("2. …capa B").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Ver opções")).to_have_count(0)
    await expect(opener).to_be_focused()
    assert await stored(database) == []


async def test_the_list_of_customers_names_a_picture(chromium_page: Page, site: str, worker: ScriptedWorker) -> None:
    page = chromium_page
    await start(page, site)
    await worker.answer(ADDRESS, Reply(CODE, ReplyKind.IMAGE, is_handout=True))
    await expect(page.locator(".contact .last-words")).to_have_text("Loja: QR Code")
