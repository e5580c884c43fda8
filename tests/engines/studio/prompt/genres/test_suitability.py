"""Styles that are chosen, and what a style that colours another one lends to it."""

import pytest

from engines.port import RenderRequest
from engines.studio.arranging import interpretation
from engines.studio.prompt import reader
from engines.studio.styles import STYLES


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("village, flute", "No style was named; this is Folk, because of village and flute."),
        ("cafe, nylon guitar", "No style was named; this is Bossa nova, because of cafe and nylon guitar."),
        ("174 bpm", "No style was named; this is Drum and bass, because of the tempo."),
        ("", "No style was named; this is Lofi hip hop, the default."),
    ],
)
def test_the_report_states_why_a_style_was_chosen(prompt: str, note: str) -> None:
    assert reader.read(prompt).style_note == note


@pytest.mark.parametrize("scene", ["birthday", "cartoon", "battle", "late night", "video game", "halloween", "yoga"])
@pytest.mark.parametrize("style", ["techno", "bluegrass", "ska"])
def test_a_scene_does_not_change_a_named_style(scene: str, style: str) -> None:
    assert reader.read(f"{scene} {style}").style == reader.read(f"{style}, {scene}").style == reader.read(style).style


def test_an_excluded_scene_suggests_nothing() -> None:
    request = reader.read("not for a birthday")
    assert request.style_note == "No style was named; this is Lofi hip hop, the default."


def test_the_instrument_that_was_requested_counts_and_not_its_replacement() -> None:
    assert reader.read("harmonium and tabla").style.key == "bollywood"
    assert reader.read("koto").style.key == "east_asian"


def test_colours_lend_chords_and_instruments() -> None:
    read = interpretation.interpret(RenderRequest("jazzy disco with country elements", 30.0, 1))
    style = read.effective.style
    assert style.key == "disco"
    assert style.progressions["major A"] == STYLES["jazz"].progressions["major A"]
    assert read.requested.included == ("banjo",)


def test_a_colour_does_not_add_what_the_request_excludes() -> None:
    assert reader.read("orchestral metal, no strings").included == ("brass",)
    assert reader.read("trap-influenced pop, no drums").included == ()
    assert reader.read("christmas jazz, only piano").included == ("piano",)


def test_a_chord_progression_precedes_the_chords_of_a_colour() -> None:
    assert reader.read("jazzy disco, Am F C G").harmony is None
