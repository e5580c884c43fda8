"""Focus in the browser: start, hear, keep, steer, go on after a reload, crossfade, break."""

import asyncio
import json
import re
from itertools import pairwise
from typing import Final

import httpx
import pytest
from playwright.async_api import Page, expect

from core.settings import Settings
from server.cli import sign_in
from tests.support.polling import wait_for
from tests.support.users import Cast

pytestmark = pytest.mark.usefixtures("worker", "client")

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
      const [out, into] = faders.slice(-2).map((gain) => gain.value);
      if (out > 0 && out < 1) samples.push([out, into, level()]);
      else if (samples.length || out === 0) {
        clearInterval(timer);
        resolve(samples);
      }
    }, 50);
  })
"""
"""The gains of two segments and the level of the output, from the beginning of their overlap to its end."""


async def open_focus(page: Page, settings: Settings, cast: Cast) -> None:
    await page.add_init_script(PROBE)
    await page.goto(await asyncio.to_thread(sign_in.create_link, settings, cast.ada.user_id))
    await page.get_by_role("link", name="Focus").click()
    await expect(page.get_by_role("button", name="Start")).to_be_visible()


async def resume(page: Page, cast: Cast, session_id: str, seconds: float) -> None:
    """Go on with a session at this position, as after the page was closed there."""
    plan = {"id": session_id, "seconds": seconds, "length": "rounds", "round": 1, "input": {"goal": "CUSTOM_PROMPT"}}
    text = json.dumps(plan)
    await page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"focus:{cast.ada.user_id}", text])
    await page.get_by_role("link", name="Library").click()
    await page.get_by_role("link", name="Focus", exact=True).click()
    await page.get_by_role("button", name="Continue").click()


async def wait_for_segments(client: httpx.AsyncClient, cast: Cast, session_id: str, count: int) -> None:
    url = f"/v1/music/{cast.ada.organization_id}/focus/sessions/{session_id}"

    async def are_ready() -> bool | None:
        answer = await client.get(url, headers=cast.ada.headers)
        return answer.json()["ready_count"] >= count or None

    await wait_for(are_ready)


async def test_a_session_is_heard_kept_steered_resumed_and_crossfaded_at_equal_power(
    page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast
) -> None:
    await open_focus(page, settings, cast)
    await page.get_by_text("In my own words").click()
    await page.get_by_role("textbox", name="Describe the music").fill(WISH)
    await expect(page.get_by_text("Costs CHF 5.00")).to_be_visible()
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_text("Composing the first minutes…")).to_be_visible()
    await page.evaluate(HEARD)
    await expect(page.get_by_role("link", name="Library")).to_be_hidden()

    await page.keyboard.press("p")
    await expect(page.get_by_text("is in your library")).to_be_visible()
    await page.get_by_label("Variety").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^Heard in \d:\d\d$"))
    await page.get_by_role("button", name="Pause").press(" ")
    await expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name=re.compile(" 1$"))).to_be_visible()

    key = f"focus:{cast.ada.user_id}"
    session_id = json.loads(await page.evaluate("(key) => localStorage.getItem(key)", key))["id"]
    await wait_for_segments(client, cast, session_id, 2)
    await resume(page, cast, session_id, seconds=3)
    samples = [each for each in await page.evaluate(CROSSFADE) if each[1]]
    assert len(samples) >= 10
    for out, into, level in samples:
        assert out**2 + into**2 == pytest.approx(1, abs=0.02)
        assert level > 0.0005
    assert all(before[0] >= after[0] and before[1] <= after[1] for before, after in pairwise(samples))

    await page.mouse.move(9, 9)
    await page.get_by_role("button", name="End").click()
    await expect(page.get_by_text("The session has ended.")).to_be_visible()


async def test_a_break_follows_a_round(page: Page, client: httpx.AsyncClient, settings: Settings, cast: Cast) -> None:
    wish = {"goal": "custom_prompt", "custom_prompt": WISH, "target_minutes": 1}
    url = f"/v1/music/{cast.ada.organization_id}/focus/sessions"
    session_id = (await client.post(url, json=wish, headers=cast.ada.headers)).json()["session_id"]
    await wait_for_segments(client, cast, session_id, 1)
    await open_focus(page, settings, cast)
    await resume(page, cast, session_id, seconds=58)
    await expect(page.get_by_text("Break after round 1 of 4")).to_be_visible()
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(5:00|4:5\d)$"))
    await page.get_by_role("button", name="End").click()
    await expect(page.get_by_text("The session has ended.")).to_be_visible()
