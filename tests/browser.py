"""A page in the machine's own chromium for browser tests; where there is none the test skips and says so."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


def find_chromium() -> str | None:
    """Path of the first browser found on PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture
async def chromium_page() -> AsyncIterator[Page]:
    """A fresh page in pt-BR. Import it into a conftest.py to use it; what the page logs as an error fails the test."""
    executable = find_chromium()
    if executable is None:
        pytest.skip(f"no browser on PATH (looked for {', '.join(NAMES)}): install chromium to run the browser tests")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        context = await browser.new_context(locale="pt-BR", timezone_id="America/Sao_Paulo")
        page = await context.new_page()
        page.set_default_timeout(10_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if _is_problem(said) else None)
        yield page
        await browser.close()
    assert not problems, f"the page reported errors: {problems}"


def _is_problem(said: ConsoleMessage) -> bool:
    # The browser itself logs a lost connection, and the 503 by which /health says that a part is down.
    expected = "net::ERR" in said.text or said.location["url"].endswith("/health")
    return said.type == "error" and not expected


async def overflowing(page: Page) -> list[str]:
    """Elements that stick out of the window sideways, unless an ancestor scrolls or clips them; empty when all fits."""
    return await page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          const clipped = (element) => {
            for (let up = element.parentElement; up && up !== document.body; up = up.parentElement)
              if (getComputedStyle(up).overflowX !== 'visible') return true;
            return false;
          };
          return [...document.body.querySelectorAll('*')].filter((element) => {
            const box = element.getBoundingClientRect();
            return box.width && (box.right > width + 1 || box.left < -1) && !clipped(element);
          }).map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
        }"""
    )
