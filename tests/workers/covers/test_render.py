"""Covers depend on the music alone and are safe to embed."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from engines.port import Audio, Chord, Facts, RenderResult, Score, Section, SpooledAudio
from tests.support.audio.png_files import png_header
from workers.covers import features, render
from workers.covers.features import CoverFeatures, Family
from workers.files.encoding import Peaks

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "rect", "circle", "path", "g"}


def peaks(pulses: int, *, decay: float = 6.0, pixels: int = 1300) -> Peaks:
    """Return a waveform with this number of decaying pulses."""
    phase = np.linspace(0, pulses, pixels, endpoint=False) % 1
    level = np.exp(-decay * phase) * np.linspace(0.4, 0.9, pixels) * 127
    return np.stack([-level, level], axis=1).astype(np.int8).ravel()


@dataclass(frozen=True)
class Music:
    """The properties of a track that its cover shows."""

    tempo: float = 110.0
    key: str = "A minor"
    symbols: tuple[str, ...] = ("Am7", "Dm7", "G13", "Cmaj9", "F", "Bdim", "E7", "Am")
    sections: tuple[str, ...] = ("intro", "verse", "chorus", "outro")
    palette: tuple[str, ...] = ("#190e25", "#431c6e", "#892eb8", "#f040cc", "#ead5e3")
    style: str = "Deep house"
    waveform: Peaks = field(default_factory=lambda: peaks(150))

    def drawn(self) -> bytes:
        sections = tuple(Section(n * 1000, n * 1000 + 1000, name) for n, name in enumerate(self.sections))
        sounding = tuple(Chord(n * 500, n * 500 + 500, symbol) for n, symbol in enumerate(self.symbols))
        facts = Facts(self.tempo, self.key, "4/4", -14.0, -1.5, self.style)
        stems: Mapping[str, Audio] = {}
        master = SpooledAudio(Path(), 0)
        made = RenderResult("Night Desk", master, stems, Score(b"", sounding, sections), facts, palette=self.palette)
        return render.render_svg(CoverFeatures.from_rendering(made, self.waveform))


SCENES = {
    "Tiles": Music(),
    "Grooves": Music(tempo=80.0),
    "Beams": Music(tempo=140.0),
    "Horizon": Music(waveform=peaks(34, decay=3.0)),
    "Ridges": Music(waveform=peaks(12, decay=2.0)),
}


@cache
def picture(name: str) -> bytes:
    """Return the PNG of a scene."""
    return render.render_png(SCENES[name].drawn())


@pytest.mark.parametrize("name", SCENES)
def test_each_scene_is_small_and_uses_allowed_elements_only(name: str) -> None:
    drawn = SCENES[name].drawn()
    assert len(drawn) < 20_000
    root = ET.fromstring(drawn)  # noqa: S314  our own
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ALLOWED
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key]
    assert b"url(" not in drawn
    described = root.findtext(f"{SVG}desc")
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "Deep house in A minor"
    assert described is not None
    assert described.startswith(f"{name}, an abstract picture drawn from the music: ")
    assert described.endswith("The strip below shows the form: intro, verse, chorus, outro.")


@pytest.mark.parametrize("name", SCENES)
def test_a_png_has_1024_by_1024_pixels(name: str) -> None:
    png = picture(name)
    width, height, depth, colour, interlace = png_header(png)
    assert (width, height, depth, interlace) == (1024, 1024, 8, 0)
    assert colour in {2, 6}
    assert len(set(raw(png)[1 : 1 + 4096])) >= 3


@pytest.mark.parametrize("name", SCENES)
def test_the_same_music_gives_the_same_bytes(name: str) -> None:
    music = SCENES[name]
    assert music.drawn() == replace(music).drawn()
    assert render.render_png(music.drawn()) == picture(name)


CHANGES: dict[str, dict[str, object]] = {
    "key": {"key": "E minor"},
    "mode": {"key": "A major"},
    "form": {"sections": ("intro", "chorus")},
    "loudness": {"waveform": np.roll(peaks(150), 800)},
    "palette": {"palette": ("#102321", "#28625b", "#429ea4", "#52b4dd", "#d8e0e7")},
    "chords": {"symbols": ("Am7", "Dm7")},
}
SHOWN = [
    (name, change)
    for name in SCENES
    for change in CHANGES
    # calm scenes show form and loudness but no chords; a different loudness may select another scene
    if not (name in {"Horizon", "Ridges"} and change == "chords")
]


@pytest.mark.parametrize(("name", "change"), SHOWN)
def test_different_music_gives_a_different_picture(name: str, change: str) -> None:
    other = replace(SCENES[name], **CHANGES[change])  # type: ignore[arg-type]
    assert picture(name) != render.render_png(other.drawn())


@pytest.mark.parametrize(
    "odd",
    [
        {"symbols": ()},
        {"sections": ()},
        {"palette": ()},
        {"palette": ("#111111", "#444444", "#aaaaaa", "#eeeeee")},
        {"palette": ("#111111", "#333333", "#555555", "#777777", "#999999", "#eeeeee")},
        {"waveform": np.zeros(0, np.int8)},
        {"waveform": np.zeros(2600, np.int8)},
        {"waveform": np.array([-5, 5], np.int8)},
        {"key": ""},
        {"tempo": 0.0},
        {"symbols": ("N.C.", "?", "H7")},
        {"style": "</desc><script>\x00\x0b&\ud800\ufffe"},
    ],
)
def test_unusual_features_can_be_rendered(odd: dict[str, object]) -> None:
    for music in SCENES.values():
        drawn = replace(music, **odd).drawn()  # type: ignore[arg-type]
        ET.fromstring(drawn)  # noqa: S314  our own
        assert b"script" not in drawn.replace(b"&lt;script&gt;", b"")
        assert render.render_png(drawn).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("symbol", "root", "kind"),
    [
        ("C", 0, Family.MAJOR),
        ("F/C", 5, Family.MAJOR),
        ("Am7", 9, Family.MINOR),
        ("C#m", 1, Family.MINOR),
        ("Bb7", 10, Family.DOMINANT),
        ("G13", 7, Family.DOMINANT),
        ("Ebmaj9", 3, Family.LUSH),
        ("C6", 0, Family.LUSH),
        ("Bm7b5", 11, Family.TENSE),
        ("F#dim", 6, Family.TENSE),
        ("Dsus4", 2, Family.TENSE),
        ("E5", 4, Family.TENSE),
    ],
)
def test_chord_symbols_are_parsed(symbol: str, root: int, kind: Family) -> None:
    assert features.pitch_class(symbol) == root
    assert features.family(symbol) is kind


def test_distance_follows_the_circle_of_fifths() -> None:
    assert [features.distance(root, 0) for root in (0, 7, 2, 9, 5, 10, 6)] == [0, 1, 2, 3, -1, -2, 6]


def raw(png: bytes) -> bytes:
    """Return the filtered scan lines after checking every checksum."""
    place, packed = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        body = png[place + 4 : place + 8 + length]
        assert zlib.crc32(body) == struct.unpack(">I", png[place + 8 + length : place + 12 + length])[0]
        packed += body[4:] if body[:4] == b"IDAT" else b""
        place += 12 + length
    return zlib.decompress(packed)
