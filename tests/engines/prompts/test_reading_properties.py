"""Punctuation, case, separators and the order of clauses do not change a reading; any text is read."""

import cProfile
import pstats
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import PROJECT
from engines.studio.model.music_request import MusicRequest
from engines.studio.prompt import reader
from engines.studio.prompt.precedence import Level

CLAUSES: Final = (
    "techno", "no drums", "85 bpm", "key: f# minor", "piano", "warm", "length: 30 seconds", "in 3/4", "drop",
    "less bass", "crisp", "without vocals", "violin and harp", "chords: dm7 g7 cmaj7", "5 sections", "fade out",
)  # fmt: skip
"""Clauses that say different things, so that their order does not matter."""
SEPARATORS: Final = (", ", ",", "; ", " | ", "\n", ". ", " • ", " - ")
PROMPTS: Final = st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=6, unique=True)


def reading(prompt: str) -> dict[str, object]:
    """Read a prompt; lists without their order, and without the text of the report."""
    request: MusicRequest = reader.read(prompt)
    return {
        "style": request.style.key,
        "tempo": request.tempo,
        "key": (request.tonic, request.mode),
        "metre": request.metre,
        "moods": set(request.moods),
        "included": set(request.included),
        "excluded": set(request.excluded),
        "reduced": set(request.reduced),
        "is_solo": request.is_solo,
        "transformations": set(request.transformations),
        "form": request.form,
        "length": request.length and request.length.seconds,
        "progression": request.progression,
    }


@settings(max_examples=60, deadline=None)
@given(clauses=PROMPTS, separators=st.tuples(st.sampled_from(SEPARATORS), st.sampled_from(SEPARATORS)))
def test_separators_do_not_change_the_reading(clauses: list[str], separators: tuple[str, str]) -> None:
    first, second = (reading(separator.join(clauses)) for separator in separators)
    assert first == second


@settings(max_examples=60, deadline=None)
@given(clauses=PROMPTS, data=st.data())
def test_the_order_of_clauses_does_not_change_the_reading(clauses: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(clauses))
    assert reading(", ".join(clauses)) == reading(", ".join(shuffled))


@settings(max_examples=60, deadline=None)
@given(clauses=PROMPTS, change=st.sampled_from((str.upper, str.title, str.swapcase)))
def test_case_does_not_change_the_reading(clauses: list[str], change: Callable[[str], str]) -> None:
    prompt = ", ".join(clauses)
    assert reading(change(prompt)) == reading(prompt)


@settings(max_examples=60, deadline=None)
@given(clauses=PROMPTS, marks=st.sampled_from(("!", "...", " !!", "?", ";", "\n", " ,")))
def test_punctuation_at_the_ends_does_not_change_the_reading(clauses: list[str], marks: str) -> None:
    prompt = ", ".join(clauses)
    assert reading(f"{marks} {prompt}{marks}") == reading(prompt)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    request = reader.read(text)
    assert request.style.key
    assert not set(request.words_used) & {word.asked for word in request.words_approximated}


REPEATED: Final = (
    "from", "menos de", "する", "rain in the intro", "slower at the end", "jazz", "no drums, 120 bpm", "piano solo",
    "Am F",
)  # fmt: skip


@pytest.mark.parametrize("words", REPEATED)
def test_the_work_grows_with_the_length_of_a_repetitive_prompt(words: str) -> None:
    short, long = (" ".join([words] * length)[:length] for length in (300, 1200))
    reader.read(short)  # fills the caches
    assert _calls(long) < 6 * _calls(short)


def _calls(prompt: str) -> int:
    """Count the function calls while a prompt is read."""
    profile = cProfile.Profile()
    profile.runcall(reader.read, prompt)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # missing in typeshed


def test_the_documented_levels_are_those_of_the_reader() -> None:
    page = Path(PROJECT / "docs/reference/prompts.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| ([a-z]+) \|", page, re.MULTILINE)
    assert rows == [(str(level.value), level.name.lower()) for level in Level]
