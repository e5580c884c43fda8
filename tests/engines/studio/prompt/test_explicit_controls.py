from engines.port import Controls
from engines.studio.prompt import reader


def test_explicit_values_precede_words() -> None:
    controls = Controls(tempo_bpm=100.0, key="F# minor", metre="3/4", structure=("intro", "chorus"))
    request = reader.read("techno, 140 bpm, C major, [Verse]", controls=controls)
    assert (request.requested_tempo, request.tonic, request.mode, request.metre) == (100.0, 6, "minor", "3/4")
    assert [section.name for section in request.form.sections] == ["intro", "chorus"]
    assert {"140 bpm", "c major", "[verse]"} <= set(request.words_ignored)


def test_instruments_are_named_in_any_language_or_by_key() -> None:
    controls = Controls(include=("Geige", "electric_piano"), exclude=("drums",))
    request = reader.read("jazz", controls=controls)
    assert request.included == ("violin", "electric_piano")
    assert request.excluded == ("drums",)


def test_only_excludes_all_other_instruments() -> None:
    request = reader.read("jazz with drums", controls=Controls(only=("piano",)))
    assert request.is_solo
    assert request.included == ("piano",)
    assert request.words_ignored == ("drums",)


def test_an_unknown_value_is_reported() -> None:
    request = reader.read("jazz", controls=Controls(include=("qwertz",), key="X", structure=("zzz",)))
    assert set(request.words_ignored) == {"qwertz", "X", "zzz"}
    assert request.notes == (
        'The instrument "qwertz" is unknown; it was not used.',
        'The key "X" is unknown; it was not used.',
        'The section "zzz" is unknown; it was not used.',
    )


def test_a_negative_prompt_excludes_what_it_names() -> None:
    request = reader.read("jazz with piano", controls=Controls(negative_prompt="drums, no vocals. house"))
    assert request.excluded == ("drums", "voice")
    assert request.style.key == "jazz"


def test_intensity_density_and_brightness_are_kept() -> None:
    request = reader.read("jazz", controls=Controls(intensity=0.2, density=0.8, brightness=1.0))
    assert (request.intensity, request.density, request.brightness) == (0.2, 0.8, 1.0)
