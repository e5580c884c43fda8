"""The Create screen: styles without a mouse, and the choice of an engine."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from core.settings import Settings
from engines.registry import create_registry
from server.cli import sign_in
from storage.postgres.database import Database
from storage.tables import Generation, ReferenceAudio
from tests.support import factories
from tests.support.browser import configured_studio
from tests.support.remote import peer_engine
from tests.support.remote.ace_step.adapters import CPP
from tests.support.remote.tone_files import tone_wav
from tests.support.users import Cast
from workers.loops import engine_checks


@pytest.mark.usefixtures("client")
async def test_styles_are_found_chosen_and_told_if_they_do_not_combine(
    page: Page, database: Database, settings: Settings, cast: Cast
) -> None:
    await page.goto(await asyncio.to_thread(sign_in.create_link, settings, cast.ada.user_id))
    await page.get_by_label("Describe the music").fill("calm, rain")
    await page.get_by_text("More options").click()
    field = page.get_by_role("combobox", name="Styles")
    options = page.get_by_role("listbox", name="Styles").get_by_role("option")
    await expect(options.first).to_have_text("Afrobeats")

    await field.fill("LÓF")
    await expect(options).to_have_text(["Lofi hip hop", "Use “LÓF”"])
    await expect(field).to_have_attribute("aria-activedescendant", "style-0")
    await field.press("Enter")
    chosen = page.locator(".styles li")
    await expect(chosen).to_have_text(["Lofi hip hop 68\u201390 bpm"])
    await field.fill("techno")
    await field.press("Enter")
    await field.fill("walzer")
    await field.press("Enter")
    await expect(chosen).to_have_text(["Lofi hip hop 68\u201390 bpm", "Techno heard as Lofi hip hop", "walzer "])
    await expect(page.locator(".chips").get_by_text("3/4", exact=True)).to_be_visible()

    await page.get_by_role("button", name="Remove the style Techno").click()
    await expect(field).to_be_focused()
    await field.press("Backspace")
    await expect(chosen).to_have_text(["Lofi hip hop 68\u201390 bpm"])
    await options.get_by_text("Waltz").click()
    await page.get_by_role("button", name="Make it").click()
    await expect(page.locator(".queue li")).to_have_count(1)
    [row] = await factories.load_all(database, Generation)
    assert row.style_tags == ["Lofi hip hop", "Waltz"]


async def test_the_form_follows_the_capabilities_of_the_chosen_engine(
    page: Page, database: Database, settings: Settings, redis_url: str, cast: Cast
) -> None:
    remote = peer_engine.engine_settings("http://127.0.0.1:9").remote
    async with configured_studio(page, settings, redis_url, cast.ada, engines={"remote": remote}):
        await page.get_by_label("Describe the music").fill("calm rain")
        await page.get_by_text("More options").click()
        tempo, lyrics = page.get_by_label("Tempo in bpm"), page.get_by_label(re.compile("^Lyrics"))
        await tempo.fill("90")
        await page.get_by_label("Length").select_option("600")
        await expect(lyrics).to_be_disabled()
        language = page.get_by_label("Language of the lyrics")
        await expect(language).to_be_hidden()

        await page.get_by_label("Engine").select_option(peer_engine.KEY)
        await expect(tempo).to_be_disabled()
        await expect(page.locator("label", has=tempo)).to_contain_text("Peer does not support this.")
        await expect(page.get_by_role("combobox", name="Styles")).to_be_hidden()
        await expect(page.get_by_label("Length")).not_to_have_value("600")
        await expect(page.locator(".cost")).to_have_text(re.compile(r"0\.60"))
        await lyrics.fill("Rain, rain")
        await language.fill("en-GB")
        await expect(page.get_by_text("Followed roughly: Lyrics.")).to_be_visible()

        await page.get_by_role("button", name="Make it").click()
        await expect(page.locator(".queue li")).to_have_count(1)
    [row] = await factories.load_all(database, Generation)
    assert (row.engine, row.lyrics, row.instrumental) == (peer_engine.KEY, "Rain, rain", False)
    assert row.controls == {"lyrics_language": "en-GB"}


async def test_an_engine_that_is_not_available_is_named(
    page: Page, database: Database, settings: Settings, redis_url: str, cast: Cast
) -> None:
    engines = peer_engine.engine_settings("http://127.0.0.1:9")
    [entry] = create_registry(engines).remotes
    await engine_checks.check_if_due(database, entry)
    async with configured_studio(page, settings, redis_url, cast.ada, engines={"remote": engines.remote}):
        choice = page.get_by_label("Engine")
        await expect(choice.locator("option")).to_have_text(["Studio", "Peer (not available)"])
        message = page.get_by_text("Peer is not available now. Jobs wait until it is. The peer cannot be reached.")
        await expect(message).to_be_hidden()
        await choice.select_option(peer_engine.KEY)
        await expect(message).to_be_visible()


async def test_a_recording_is_declared_uploaded_and_covered(
    page: Page, database: Database, settings: Settings, redis_url: str, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "demo.wav"
    await asyncio.to_thread(file.write_bytes, tone_wav(10.5))
    remote = peer_engine.engine_settings("http://127.0.0.1:9", kind=CPP).remote
    async with configured_studio(page, settings, redis_url, cast.ada, engines={"remote": remote}):
        await page.get_by_label("Describe the music").fill("jazz trio")
        await page.get_by_text("More options").click()
        # the studio engine reads no recordings
        await expect(page.get_by_label("Recording", exact=True)).to_be_hidden()
        await page.get_by_label("Engine").select_option(peer_engine.KEY)
        await page.get_by_label("Recording", exact=True).set_input_files(file)
        await page.get_by_label("Why you may use it").select_option("LICENSED")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_text("name the licence and who granted it")).to_be_visible()
        await page.get_by_label("Which licence, from whom").fill("CC BY 4.0, by Bob")
        await page.get_by_role("button", name="Upload").click()
        await expect(page.get_by_text("demo.wav, 0:11")).to_be_visible()
        # 11 s at 0.60 CHF a minute
        await expect(page.locator(".cost")).to_have_text(re.compile(r"0\.11"))
        await expect(page.get_by_label("Length")).to_be_hidden()
        await page.get_by_label("What to make of it").select_option("REPAINT")
        await expect(page.get_by_label("To second")).to_have_value("10.5")
        await page.get_by_label("From second").fill("4")
        await page.get_by_role("button", name="Make it").click()
        await expect(page.locator(".queue li")).to_have_count(1)
    [row] = await factories.load_all(database, Generation)
    [upload] = await factories.load_all(database, ReferenceAudio)
    assert row.source == {"task": "repaint", "start_seconds": 4.0, "end_seconds": 10.5, "duration_seconds": 10.5}
    assert (row.duration_seconds, row.reference_audio_id) == (11, upload.id)
    assert (upload.statement, upload.licence_class) == ("CC BY 4.0, by Bob", "unclear")
