"""Sections of lyrics and their durations."""

import pytest

from engines.remote.elevenlabs import lyric_sections
from engines.remote.elevenlabs.lyric_sections import LyricSection, TooManySectionsError


def test_lyrics_without_tags_are_one_verse() -> None:
    assert lyric_sections.read("one\n\n two \n") == (LyricSection("Verse", ("one", "two")),)


def test_tags_have_names_styles_and_lines() -> None:
    assert lyric_sections.read("before\n[Intro]\n[Chorus: loud]\na [ah] b") == (
        LyricSection("Verse", ("before",)),
        LyricSection("Intro"),
        LyricSection("Chorus", ("a [ah] b",), "loud"),
    )


def test_long_lines_are_wrapped_and_long_sections_divided() -> None:
    sections = lyric_sections.read("[Verse]\n" + "word " * 60 + "\nx" * 40)
    assert [len(each.lines) for each in sections] == [30, 12]
    assert all(len(line) <= 200 for each in sections for line in each.lines)


@pytest.mark.parametrize("total_ms", [6_000, 6_001, 30_000, 119_999, 240_000, 240_001, 600_000])
def test_durations_add_up_within_their_bounds(total_ms: int) -> None:
    sections = lyric_sections.lay_out([LyricSection("Verse", ("a",) * 9), LyricSection("Outro")], total_ms)
    assert sum(each.duration_ms for each in sections) == total_ms
    assert all(3_000 <= each.duration_ms <= 120_000 for each in sections)


def test_music_that_is_longer_than_its_sections_may_be_gets_instrumental_ones() -> None:
    sections = lyric_sections.lay_out([LyricSection("Verse", ("a",))], 300_000)
    assert [each.name for each in sections] == ["Verse", "Instrumental", "Instrumental"]


def test_too_many_sections_name_the_shortest_duration() -> None:
    with pytest.raises(TooManySectionsError) as raised:
        lyric_sections.lay_out([LyricSection("Verse")] * 5, 14_999)
    assert raised.value.needed_ms == 15_000
