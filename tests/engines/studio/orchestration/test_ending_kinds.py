from dataclasses import replace
from itertools import pairwise

import pytest

from engines.studio.arranging import arrangement, request_checks
from engines.studio.model.form_request import FormRequest
from engines.studio.orchestration import ending_kinds
from engines.studio.prompt import reader


@pytest.mark.parametrize(("prompt", "ending"), [
    ("rock with a cold ending", "cold"),
    ("rock, the last chord rings out", "ring"),
    ("lofi with a tape stop", "tape_stop"),
    ("Jazz, endet abrupt", "cold"),
    ("gospel with a tag ending", "tag"),
    ("pop, letzte Zeile dreimal", "tag"),
    ("rumba, repite la última frase", "tag"),
    ("rock with a quiet ending", "ring"),
])  # fmt: skip
def test_a_requested_ending_applies_to_every_seed(prompt: str, ending: str) -> None:
    assert {ending_kinds.choose_ending(reader.read(prompt), seed) for seed in range(8)} == {ending}


@pytest.mark.parametrize(("prompt", "endings"), [
    ("rock", {"ring", "cold"}),
    ("lofi", {"ring", "tape_stop"}),
    ("ambient", {"ring"}),
    ("gospel", {"ring", "tag"}),
    ("country", {"ring", "cold", "tag"}),
])  # fmt: skip
def test_the_seed_selects_an_ending_of_the_style(prompt: str, endings: set[str]) -> None:
    assert {ending_kinds.choose_ending(reader.read(prompt), seed) for seed in range(16)} == endings


@pytest.mark.parametrize("prompt", ["rock, slows down at the end", "Walzer mit Ritardando", "rallentando, pop"])
def test_a_requested_ritardando_is_read_and_realised(prompt: str) -> None:
    request = reader.read(prompt)
    assert request.form.has_ritardando
    assert ending_kinds.with_ritardando(request, 1).style.ritardando >= ending_kinds.REQUESTED_RITARDANDO


def test_a_loop_neither_stops_nor_slows_down() -> None:
    request = replace(reader.read("lofi"), form=FormRequest(is_loop=True))
    assert {ending_kinds.choose_ending(request, seed) for seed in range(8)} == {"ring"}


@pytest.mark.parametrize("seconds", [30.0, 90.0])
def test_a_tag_repeats_the_last_phrase_before_the_last_chord(seconds: float) -> None:
    arranged = arrangement.compose(reader.read("gospel with a tag ending"), seconds, 3)
    composition, parts = arranged.composition, [part for part in arranged.parts if part.stem != "drums"]
    end, phrase = composition.sections[-1].start, 8.0

    def played(start: float) -> list[tuple[str, float, int]]:
        inside = [(part.name, note) for part in parts for note in composition.notes[part.name]]
        return [
            (name, round(note.start - start, 3), note.pitch)
            for name, note in inside
            if start - 0.05 <= note.start < start + phrase - 0.05
        ]

    assert played(end - phrase)
    assert played(end - phrase) == played(end - 2 * phrase)
    spans = [(span.start, span.end) for span in composition.chords]
    assert all(first[1] == pytest.approx(second[0]) for first, second in pairwise(spans))


def test_a_tag_for_which_a_track_is_too_short_is_reported() -> None:
    request = reader.read("gospel with a tag ending")
    notes = request_checks.check_request(request, arrangement.compose(request, 4.0, 3))
    assert notes == ["Not met: the track is too short to repeat its last phrase."]


def test_a_cold_ending_is_one_stroke() -> None:
    request = reader.read("punk with a cold ending")
    composition = arrangement.compose(request, 20.0, 3).composition
    start = composition.sections[-1].start
    last = [note for notes in composition.notes.values() for note in notes if note.start > start - 1e-6]
    assert last
    assert {note.start for note in last} == {start}
    assert max(note.beats for note in last) <= 1.0
