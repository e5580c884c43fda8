"""Take pictures of each screen of the page: light, dark, and on a phone."""

import io
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright

from benchmarks.page import demonstration
from benchmarks.page.demonstration import Demonstration
from benchmarks.page.studio import RunningStudio
from core.settings import PROJECT

FOLDER: Final = PROJECT / "docs" / "pictures"
SETTINGS: Final = {
    "MUSIC_STUDIO_ENGINES__REMOTE": json.dumps({"ace-step": {"kind": "acestep", "url": "http://127.0.0.1:8001"}})
}
"""A second engine, so that the forms offer a choice. Nothing is requested of it."""
_PROMPT: Final = "warm lofi with Rhodes and soft drums, 82 bpm, no strings"
_QUALITY: Final = 82
"""Of WebP, from 0 to 100."""
_DESKTOP: Final = ViewportSize(width=1280, height=800)
_PHONE: Final = ViewportSize(width=390, height=844)
_TIMEOUT_MS: Final = 60_000
_FOCUS_TIMEOUT_MS: Final = 240_000


@dataclass(frozen=True, slots=True)
class Look:
    """A window, and whether it is dark."""

    name: str
    size: ViewportSize
    is_dark: bool = False


LOOKS: Final = (Look("light", _DESKTOP), Look("dark", _DESKTOP, is_dark=True), Look("phone", _PHONE))


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen, and what a person does there before the picture and after it."""

    name: str
    path: str
    prepare: Callable[[Page], Awaitable[None]] | None = None
    leave: Callable[[Page], Awaitable[None]] | None = None
    is_public: bool = False


async def _write_prompt(page: Page) -> None:
    await page.get_by_role("textbox").first.fill(_PROMPT)
    await page.locator(".create .chips .chip").first.wait_for()


async def _play(page: Page) -> None:
    await page.locator(".track-row button[aria-label^='Play ']").first.click()
    await page.locator(".player .name").wait_for()


async def _play_track(page: Page) -> None:
    await page.get_by_role("button", name="Play", exact=True).first.click()
    await page.locator(".player .name").wait_for()


async def _focus(page: Page) -> None:
    """Start a session, and wait until it plays and its controls are hidden, with the figure in the middle."""
    await page.emulate_media(reduced_motion="no-preference")
    await page.get_by_role("button", name="Start").click()
    await page.locator(".stage[data-hue][data-still]").wait_for(timeout=_FOCUS_TIMEOUT_MS)


async def _end_focus(page: Page) -> None:
    """End the session, so that no more of it is rendered."""
    await page.mouse.move(9, 9)
    await page.get_by_role("button", name="End").click()


async def _run(page: Page) -> None:
    await page.get_by_role("button", name="Execute query").click()
    await page.locator(".result-window", has_text="viewer").wait_for()


def screens(made: Demonstration, paths: Sequence[str]) -> list[Screen]:
    """Return the screens in the order of the documentation; ``paths`` are those of the page."""
    every = [
        Screen("sign-in", "/studio", is_public=True),
        Screen("create", "/studio", _write_prompt),
        Screen("library", "/studio/library", _play),
        Screen("track", f"/studio/track/{made.track_id}", _play_track),
        Screen("collections", "/studio/collections"),
        Screen("collection", f"/studio/collections/{made.collection_id}"),
        Screen("focus", "/studio/focus"),
        Screen("focus-playing", "/studio/focus", _focus, _end_focus),
        Screen("shared", made.share_url, is_public=True),
        *(Screen(name, f"/studio/admin/{name}") for name in ("usage", "keys", "webhooks", "members")),
        Screen("explore", "/graphql", _run),
    ]
    known = tuple(f"/studio{path.partition('{')[0]}" for path in paths)
    return [
        screen
        for screen in every
        if screen.path.startswith((*known, made.share_url, "/graphql")) or screen.path == "/studio"
    ]


async def take_all(studio: RunningStudio, paths: Sequence[str], only: str | None) -> list[Path]:
    """Fill the studio, and take the pictures of all screens, or of one. Return their files."""
    async with httpx.AsyncClient(base_url=studio.url, headers={"X-API-Key": studio.key}, timeout=60) as client:
        made = await demonstration.fill(client)
    chosen = [screen for screen in screens(made, paths) if only in {None, screen.name}]
    FOLDER.mkdir(exist_ok=True)
    async with open_browser() as browser:
        return [
            await _take(browser, studio, screen, look)
            for look in LOOKS
            for screen in chosen
            # GraphiQL has no layout for phones
            if (screen.name, look.name) != ("explore", "phone")
        ]


class BrowserError(Exception):
    """Chromium is missing. The message is a sentence for the developer."""


def browser_path() -> str:
    """Return the path of Chromium. Raises BrowserError without one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise BrowserError("Chromium is not installed")
    return found


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Run Chromium until exit. Raises BrowserError."""
    async with async_playwright() as playwright:
        # Chromium's sandbox is not available to root in containers
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield browser
        await browser.close()


def save(shot: bytes, name: str) -> Path:
    """Write a screenshot into the folder of pictures as WebP, and return its file."""
    file = FOLDER / f"{name}.webp"
    Image.open(io.BytesIO(shot)).save(file, quality=_QUALITY, method=6)
    return file


async def open_context(browser: Browser, studio: RunningStudio, look: Look, *, is_signed_in: bool) -> BrowserContext:
    """Open a window in English without animations, signed in or not."""
    context = await browser.new_context(
        base_url=studio.url,
        viewport=look.size,
        color_scheme="dark" if look.is_dark else "light",
        reduced_motion="reduce",
        locale="en-US",
    )
    context.set_default_timeout(_TIMEOUT_MS)
    if is_signed_in:
        await context.request.post("/studio/session", data={"api_key": studio.key})
    return context


async def _take(browser: Browser, studio: RunningStudio, screen: Screen, look: Look) -> Path:
    context = await open_context(browser, studio, look, is_signed_in=not screen.is_public)
    page = await context.new_page()
    await page.goto(screen.path)
    await page.wait_for_load_state("networkidle")
    if screen.prepare:
        await screen.prepare(page)
        await page.wait_for_load_state("networkidle")
    shot = await page.screenshot(animations="disabled")
    if screen.leave:
        await screen.leave(page)
    await context.close()
    return save(shot, f"{screen.name}-{look.name}")
