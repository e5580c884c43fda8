"""Remarks of engines for the user: sentences in English with stable codes, by which clients translate them.

Reports contain the sentences only, also those of imported tracks; the code of a sentence is found by its template.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

_PLACE: Final = re.compile(r"\{\w+\}")


class RemarkCode(StrEnum):
    """The templates of sentences, by their codes. A sentence has the code of the first template that it matches."""

    NO_VOCALS = "This engine does not sing: the track is instrumental."
    LYRICS_NOT_SUNG = "The lyrics are not sung: this engine reads only their section tags."
    NEW_PIECE = "This engine cannot read the continuation data of the earlier track: this is a new piece."
    FORM_IGNORED = "The requested form does not apply to segments of a focus session."
    STYLE_DEFAULT = "No style was named; this is {style}, the default."
    STYLE_CHOSEN = "No style was named; this is {style}, because of {reasons}."
    LENGTH_IGNORED = 'The requested duration is {seconds} seconds; "{words}" in the prompt was ignored.'
    PROMPT_TRUNCATED = "Only the first {count} characters of the prompt were read."
    VALUE_UNKNOWN = 'The {property} "{value}" is unknown; it was not used.'
    NAME_UNUSED = '"{words}" is the name of {kind}; it was not used.'
    INSTRUMENT_UNKNOWN = 'No instrument is near "{words}"; it was not used.'
    TEMPO_CONSTANT = 'The tempo stays the same throughout a track; "{words}" was not used.'
    TEMPO_STEADY = 'The tempo is steady; "{words}" was not used.'
    KEY_CHANGE_UNAVAILABLE = 'A key change cannot be requested; "{words}" was not used.'
    INSTRUMENT_MISSING = "Not met: {instrument} was requested but does not play."
    INSTRUMENT_KEPT = "Not met: {instrument} plays although it was excluded, because nothing else would remain."
    SECTIONS_MISSING = "Not met: the track is too short for the sections {sections}."
    SECTION_COUNT_MISSED = "Not met: the track is too short for {count} sections; it has {played}."
    SECTION_KEPT = "Not met: the form consists of the {section}."
    NOT_MET = "Not met: {what}."
    SECTIONS_MET = "Sections as requested: {sections}."
    SECTION_ABSENT = "No {section}, as requested."
    UNCHANGING_LOOP = "An unchanging loop: every section repeats the notes of the first one."
    THROUGH_COMPOSED = "Through-composed: every section has a theme and chords of its own."
    PROGRESSION = "Chords of the main theme: {chords}."
    SLOWS_DOWN = "The last {beats} beats before the last chord slow down."
    PLAYED_BY = "{instrument}: played by {players}."
    DRUMS_LIMITED = "The drums are limited to the requested pieces."
    SOFTER = "Less {instrument}: played more softly."
    QUIETER = "Less {instrument}: {decibels} dB quieter."
    SILENT = "Less {instrument}: it does not play."
    LOUDER = "More {instrument}: {decibels} dB louder."
    SOUND = '"{words}": {change}.'
    OTHER = "{text}"

    def write(self, **words: object) -> str:
        """Return the sentence with these words in the places of the template."""
        return self.value.format(**words)


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence with its code, and the words in the places of its template, in their order."""

    code: RemarkCode
    text: str
    words: tuple[str, ...]


def read(text: str) -> Remark:
    """Return a sentence with its code; OTHER for one without a template, as those of other engines."""
    for code in RemarkCode:
        match = _pattern(code).fullmatch(text)
        if match:
            return Remark(code, text, match.groups())
    return Remark(RemarkCode.OTHER, text, (text,))


@cache
def _pattern(code: RemarkCode) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, _PLACE.split(code.value))), re.DOTALL)
