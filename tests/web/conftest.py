"""A page in Chromium, with which the tests of this folder use the studio."""

import shutil
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Error, Page, async_playwright, expect

BROWSER: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_PATIENCE_MS: Final = 60_000
"""Milliseconds for each step, where many tests share few cores."""

_DISABLED_FEATURES: Final = (
    # the pages of suggestions below the address bar, of which each window would load two
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
    # Chromium obeys only the last list of its command line: what Playwright disables, except for Edge and Windows
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, which runs until the last test of this process."""
    if BROWSER is None:
        pytest.skip("Chromium is not installed")
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        # the tests run as root in containers, where Chromium's sandbox is not available
        browser = await playwright.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", f"--disable-features={','.join(_DISABLED_FEATURES)}"],
            # hidden tabs have few timers, as those of people
            ignore_default_args=["--disable-background-timer-throttling"],
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Return a page in English and without animations, in a browser profile of its own.

    Without a graphics card, frames of an animation take most of the processor time of a step. Tests of motion use
    `emulate_media`. The test fails if the scripts of the page throw, or if the browser reports an error.
    """
    problems: list[str] = []

    def note_error(error: Error) -> None:
        problems.append(str(error))

    def note_message(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    context = await browser.new_context(locale="en-US", reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.on("pageerror", note_error)
    page.on("console", note_message)
    yield page
    for each in browser.contexts:
        await each.close()
    assert problems == []
