"""Focus in the browser: start, play, save, steer, resume after a reload, crossfade, fail, in a hidden tab."""

import asyncio
import json
import re
from itertools import pairwise
from math import sqrt
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from core.settings import Settings
from server.cli import sign_in
from tests.support.browser import open_studio
from tests.support.hidden_tab import HiddenTab
from tests.support.jobs import paced_engine
from tests.support.polling import wait_for
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("paced_worker", "client")

WISH: Final = "solo piano, slow and sparse"

PROBE: Final = """
  window.faders = [];
  window.GainNode = class extends GainNode {
    constructor(...options) {
      super(...options);
      faders.push(this.gain);
    }
  };
  const create = AudioContext.prototype.createAnalyser;
  AudioContext.prototype.createAnalyser = function () {
    return (window.analyser = create.call(this));
  };
  window.level = () => {
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    return Math.hypot(...samples) / Math.sqrt(samples.length);
  };
"""
"""Remembers the gains of the segments, newest last, and measures the level of the output."""

HEARD: Final = """
  () => new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!window.analyser || level() < 0.001) return;
      clearInterval(timer);
      resolve();
    }, 50);
  })
"""
"""Waits until music is heard; the policy of the page does not allow `wait_for_function`, which evaluates text."""

CROSSFADE: Final = """
  () => new Promise((resolve) => {
    const samples = [];
    const timer = setInterval(() => {
      const [out, into] = faders.map((gain) => gain.value);
      const isOneMoment = out === faders[0]?.value;
      if (isOneMoment && into > 0 && into < 1) samples.push([out, into, level()]);
      if (into !== 1) return;
      clearInterval(timer);
      resolve(samples);
    }, 50);
  })
"""
"""The gains of the first two segments and the level of the output, from the beginning of their overlap to its end.

A moment is left out if the first gain has changed while the second was read.
"""

TONE_LEVEL: Final = 0.75 * 0.2 / sqrt(2)
"""The level of a segment: of a sine at 0.2, on the right at half of it, as the mean of both channels."""


def plan_of(session_id: str, seconds: float) -> str:
    """Return what the page remembers of a session that was left at this position."""
    plan = {"id": session_id, "seconds": seconds, "length": "rounds", "round": 1, "input": {"goal": "CUSTOM_PROMPT"}}
    return json.dumps(plan)


async def resume(page: Page, cast: Cast, session_id: str, seconds: float) -> None:
    """Go on with a session at this position, as after the page was closed there."""
    remembered = [f"focus:{cast.ada.user_id}", plan_of(session_id, seconds)]
    await page.evaluate("([key, text]) => localStorage.setItem(key, text)", remembered)
    await page.get_by_role("link", name="Library").click()
    await page.get_by_role("link", name="Focus", exact=True).click()
    await page.evaluate("window.faders = []")
    await page.get_by_role("button", name="Continue").click()


async def start_session(client: httpx.AsyncClient, cast: Cast, *, minutes: int, segments: int) -> str:
    """Start a session over the interface, and return its id when these segments are ready."""
    wish = {"goal": "custom_prompt", "custom_prompt": WISH, "target_minutes": minutes}
    url = f"/v1/music/{cast.ada.organization_id}/focus/sessions"
    session_id = str((await client.post(url, json=wish, headers=cast.ada.headers)).json()["session_id"])
    await wait_for_segments(client, cast, session_id, segments)
    return session_id


async def wait_for_segments(client: httpx.AsyncClient, cast: Cast, session_id: str, count: int) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/focus/sessions/{session_id}"

    async def are_ready() -> bool | None:
        answer = await client.get(url, headers=cast.ada.headers)
        return answer.json()["ready_count"] >= count or None

    await wait_for(are_ready)


async def test_a_session_is_heard_kept_steered_resumed_and_crossfaded_at_equal_power(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    await page.emulate_media(reduced_motion="no-preference")
    await page.add_init_script(PROBE)
    await open_studio(page, settings.public_url, cast.ada, "/focus")
    await page.get_by_text("In my own words").click()
    await page.get_by_role("textbox", name="Describe the music").fill(WISH)
    await expect(page.get_by_text("Costs CHF 5.00")).to_be_visible()
    await page.get_by_role("button", name="Start").click()
    await page.evaluate(HEARD)
    await expect(page.get_by_role("link", name="Library")).to_be_hidden()

    await page.keyboard.press("p")
    await expect(page.get_by_text("is in your library")).to_be_visible()
    await page.get_by_role("button", name="Pause").press(" ")
    await expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    await page.get_by_label("Variety").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^Heard in \d:\d\d$"))
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("main").get_by_role("link", name="Quick")).to_be_visible()

    key = f"focus:{cast.ada.user_id}"
    session_id = json.loads(await page.evaluate("(key) => localStorage.getItem(key)", key))["id"]
    await wait_for_segments(client, cast, session_id, 2)
    await resume(page, cast, session_id, seconds=paced_engine.STRIDE_SECONDS - 3)
    samples = await page.evaluate(CROSSFADE)
    # a busy machine runs the timer seldom
    assert len(samples) >= 3
    for out, into, level in samples:
        assert out**2 + into**2 == pytest.approx(1, abs=0.02)
        assert level == pytest.approx(TONE_LEVEL, rel=0.2)
    assert all(before[0] >= after[0] and before[1] <= after[1] for before, after in pairwise(samples))

    await page.mouse.move(9, 9)
    await page.get_by_role("button", name="End").click()
    await expect(page.get_by_text("The session has ended.")).to_be_visible()


async def test_a_break_follows_a_round(page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast) -> None:
    session_id = await start_session(client, cast, minutes=1, segments=1)
    await open_studio(page, settings.public_url, cast.ada, "/focus")
    await resume(page, cast, session_id, seconds=paced_engine.STRIDE_SECONDS - 1)
    await expect(page.get_by_text("Break after round 1 of 4")).to_be_visible()
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(5:00|4:5\d)$"))
    await page.get_by_role("button", name="End").click()
    await expect(page.get_by_text("The session has ended.")).to_be_visible()


async def test_music_goes_on_in_a_hidden_tab_until_the_break(
    browser: Browser, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    session_id = await start_session(client, cast, minutes=4, segments=2)
    link = await asyncio.to_thread(sign_in.create_link, settings, cast.ada.user_id)
    tab = await HiddenTab.open(browser, PROBE)

    async def wait_until(expression: str) -> None:
        async def poll() -> bool | None:
            return await tab.evaluate(expression) or None

        await wait_for(poll)

    await tab.go(link)
    await wait_until("Boolean(document.querySelector('main h1'))")
    remembered = json.dumps([f"focus:{cast.ada.user_id}", plan_of(session_id, paced_engine.STRIDE_SECONDS - 3)])
    await tab.evaluate(f"localStorage.setItem(...{remembered})")
    await tab.go(f"{settings.public_url}/studio/focus")
    await wait_until("Boolean(document.querySelector('.message .primary'))")
    await tab.evaluate("document.querySelector('.message .primary').click()")
    await wait_until("faders.length > 0")
    await tab.hide()
    await wait_until("document.hidden")
    await wait_until("faders.length === 2 && faders[0].value < 0.01 && faders[1].value === 1")
    assert await tab.evaluate("level()") == pytest.approx(TONE_LEVEL, rel=0.2)
    await wait_until("document.querySelector('main').innerText.includes('Break after round 1 of 4')")
    assert await tab.evaluate("document.hidden")
    await tab.close()
