"""Reads tempos: "85bpm", "180+ BPM", "BPM: 128", "tempo 95-100", "♩ = 96"."""

from dataclasses import dataclass
from typing import Final

from engines.studio.prompt.mentions import NONE, Mention, Reader, lookup
from engines.studio.prompt.phrases import PHRASE_TABLE, PhraseKind

MIN_BPM, MAX_BPM = 40.0, 220.0
MIN_READ, MAX_READ = 10.0, 999.0
"""The range of numbers that can mean a tempo; outside of MIN_BPM to MAX_BPM it is approximated."""
MIN_COUNT: Final = 30.0
"""The smallest tempo in other units than "bpm": "8 beats" is a length."""
MIN_BARE: Final = 50.0
"""The smallest number without a unit that is read as a tempo."""
MAX_STYLE_TOKENS: Final = 5
SENTENCE_ENDS: Final = frozenset(".!?")
"""After these, a number may number something: "Op. 64"."""
BPM: Final = "bpm"
NOTE_SIGNS: Final = frozenset("♩♪@")
TEMPO_UNITS: Final = lookup("tempo_units")


@dataclass(frozen=True, slots=True)
class Tempo:
    """A tempo in BPM as requested, which may be unplayable."""

    requested: float

    @property
    def playable(self) -> float:
        """The nearest tempo that the engine plays, in BPM."""
        return min(MAX_BPM, max(MIN_BPM, self.requested))


def read_tempos(reader: Reader) -> list[Mention[Tempo]]:
    """Return all tempos in order; of a range ("120-124 bpm"), its middle."""
    found = []
    for index in range(len(reader.tokens)):
        mention = _number_first(reader, index) or _label_first(reader, index)
        if mention:
            found.append(mention)
    return found


def read_bare_numbers(reader: Reader) -> list[Mention[Tempo]]:
    """Return numbers without a unit that can only mean a tempo: an item of a list ("lofi, 85, piano"), "techno 128"."""
    return [
        reader.take(Tempo(float(token.key)), index, index + 1)
        for index, token in enumerate(reader.tokens)
        if index not in reader.taken
        and token.key.isdecimal()
        and MIN_BARE <= float(token.key) <= MAX_BPM
        and _ends_item(reader, index + 1)
        and (_ends_item(reader, index - 1) or _follows_style(reader, index))
        and len(reader.tokens) > 1
    ]


def _ends_item(reader: Reader, index: int) -> bool:
    token = reader.at(index)
    return token is NONE or (token.is_break and token.text not in SENTENCE_ENDS)


def _follows_style(reader: Reader, index: int) -> bool:
    for start in range(max(0, index - MAX_STYLE_TOKENS), index):
        found = PHRASE_TABLE.longest(reader.tokens, start)
        if found and found[0] == index and any(meaning.kind is PhraseKind.STYLE for meaning in found[1]):
            return True
    return False


def _number_first(reader: Reader, index: int) -> Mention[Tempo] | None:
    numbers = reader.number_range(index)
    if not numbers:
        return None
    values, end = numbers
    end += reader.at(end).text == "-"
    unit = reader.longest(TEMPO_UNITS, end)
    if not unit:
        return None
    tempo = sum(values) / len(values)
    is_bpm = reader.text.slice(end, unit[0]) == BPM
    if not (MIN_READ if is_bpm else MIN_COUNT) <= tempo <= MAX_READ:
        return None
    return reader.take(Tempo(tempo), index, unit[0])


def _label_first(reader: Reader, index: int) -> Mention[Tempo] | None:
    if reader.at(index).text in NOTE_SIGNS:
        label: int | None = index + 1
    else:
        unit = reader.longest(TEMPO_UNITS, index)
        label = reader.is_label(index, "tempo") or (unit[0] if unit else None)
    if label is None:
        return None
    numbers = reader.number_range(reader.after_separator(label))
    if not numbers:
        return None
    values, end = numbers
    tempo = sum(values) / len(values)
    if not MIN_READ <= tempo <= MAX_READ or _is_fraction(reader, end) or _is_measured(reader, end):
        return None
    unit = reader.longest(TEMPO_UNITS, end)
    return reader.take(Tempo(tempo), index, unit[0] if unit else end)


def _is_fraction(reader: Reader, index: int) -> bool:
    """Return whether the number before a sign is part of a metre, a time or a percentage: "tempo 4/4"."""
    sign = reader.at(index)
    return sign.text == "%" or (
        sign.text in {"/", ":"} and not sign.is_break and reader.at(index + 1).number is not None
    )


def _is_measured(reader: Reader, index: int) -> bool:
    """Return whether the number before a token counts something else: "tempo, 30s"."""
    token = reader.at(index)
    return token.is_readable and token.is_glued and not reader.longest(TEMPO_UNITS, index)
