import pytest

from engines.studio.prompt import reader
from engines.studio.styles import STYLES


@pytest.mark.parametrize(
    ("text", "tempo"),
    [
        ("lofi at 82 bpm", 82.0),
        ("82bpm", 82.0),
        ("128.5 BPM techno", 128.5),
        ("120 beats per minute", 120.0),
        ("999999 bpm", None),
        ("999 bpm", 220.0),
        ("12 bpm", 40.0),
        ("808 drums", None),
        ("", None),
    ],
)
def test_a_tempo_is_read_and_limited_to_the_playable_range(text: str, tempo: float | None) -> None:
    assert reader.read(text, ()).tempo == tempo


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("in A minor", 9, "minor"),
        ("f# major", 6, "major"),
        ("F sharp minor", 6, "minor"),
        ("Bb minor", 10, "minor"),
        ("e-flat major", 3, "major"),
        ("a-Moll", 9, "minor"),
        ("fis-moll", 6, "minor"),
        ("Es-Dur", 3, "major"),
        ("h-moll", 11, "minor"),
        ("B-Dur", 10, "major"),
        ("B major", 11, "major"),
        ("la mineur", 9, "minor"),
        ("D dorian", 2, "dorian"),
        ("something in a minor key", None, "minor"),
        ("no key at all", None, None),
    ],
)
def test_a_key_is_read_in_several_languages(text: str, tonic: int | None, mode: str | None) -> None:
    request = reader.read(text, ())
    assert (request.tonic, request.mode) == (tonic, mode)


@pytest.mark.parametrize(
    ("text", "tags", "style"),
    [
        ("lofi hip hop for studying", (), "lofi"),
        ("deep house", (), "house"),
        ("piano music", (), "piano"),
        ("piano", (), "piano"),
        ("piano and drums, jazz", (), "jazz"),
        ("jazz with piano", (), "jazz"),
        ("a calm evening", ("techno",), "techno"),
        ("epic battle", (), "cinematic"),
        ("retrowave drive", (), "synthwave"),
        ("techno, not house", (), "techno"),
    ],
)
def test_a_style_is_read_or_chosen_by_mood(text: str, tags: tuple[str, ...], style: str) -> None:
    assert reader.read(text, tags).style.key == style


@pytest.mark.parametrize(
    ("text", "included", "excluded"),
    [
        ("lofi with rhodes", ("tine_piano",), ()),
        ("rock, no drums", (), ("drums",)),
        ("funk without bass or drums", (), ("bass", "drums")),
        ("drumless jazz", (), ("drums",)),
        ("ambient ohne Schlagzeug, mit Flöte", ("flute",), ("drums",)),
        ("house with acoustic guitar and strings", ("acoustic_guitar", "strings"), ()),
    ],
)
def test_instruments_are_included_or_excluded(text: str, included: tuple[str, ...], excluded: tuple[str, ...]) -> None:
    request = reader.read(text, ())
    assert request.included == included
    assert sorted(request.excluded) == sorted(excluded)


def test_energy_follows_the_mood() -> None:
    calm, plain, wild = (reader.read(text, ("house",)).energy for text in ("calm", "", "energetic"))
    assert calm < plain < wild


def test_words_are_reported_as_used_or_ignored() -> None:
    request = reader.read("Calm lofi at 82 bpm about my grandmother's kitchen, qwertz", ())
    assert request.words_used == ("82 bpm", "lofi", "calm")
    assert request.words_ignored == ("qwertz",)
    assert request.subject == "my grandmother's kitchen"


def test_a_tag_with_the_name_of_a_style_names_it() -> None:
    requests = {style.key: reader.read("music", (style.name,)) for style in STYLES.values()}
    assert {key: request.style.key for key, request in requests.items()} == {key: key for key in STYLES}
    assert all(request.is_style_exact and not request.words_ignored for request in requests.values())
