"""Reads tempos: "85bpm", "180+ BPM", "BPM: 128", "tempo 95-100", "♩ = 96"."""

from dataclasses import dataclass
from typing import Final

from engines.studio.prompt.mentions import NONE, Mention, Scanner, lookup
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


def read_tempos(scanner: Scanner) -> list[Mention[Tempo]]:
    """Return all tempos in order; of a range ("120-124 bpm"), its middle."""
    found = []
    for index in range(len(scanner.tokens)):
        mention = _number_first(scanner, index) or _label_first(scanner, index)
        if mention:
            found.append(mention)
    return found


def read_bare_numbers(scanner: Scanner) -> list[Mention[Tempo]]:
    """Return numbers without a unit that can only mean a tempo: an item of a list ("lofi, 85, piano"), "techno 128"."""
    return [
        scanner.take(Tempo(float(token.key)), index, index + 1)
        for index, token in enumerate(scanner.tokens)
        if index not in scanner.taken
        and token.key.isdecimal()
        and MIN_BARE <= float(token.key) <= MAX_BPM
        and _ends_item(scanner, index + 1)
        and (_ends_item(scanner, index - 1) or _follows_style(scanner, index))
        and len(scanner.tokens) > 1
    ]


def _ends_item(scanner: Scanner, index: int) -> bool:
    token = scanner.at(index)
    return token is NONE or (token.is_break and token.text not in SENTENCE_ENDS)


def _follows_style(scanner: Scanner, index: int) -> bool:
    for start in range(max(0, index - MAX_STYLE_TOKENS), index):
        found = PHRASE_TABLE.longest(scanner.tokens, start)
        if found and found[0] == index and any(meaning.kind is PhraseKind.STYLE for meaning in found[1]):
            return True
    return False


def _number_first(scanner: Scanner, index: int) -> Mention[Tempo] | None:
    numbers = scanner.number_range(index)
    if not numbers:
        return None
    values, end = numbers
    end += scanner.at(end).text == "-"
    unit = scanner.longest(TEMPO_UNITS, end)
    if not unit:
        return None
    tempo = sum(values) / len(values)
    is_bpm = scanner.text.slice(end, unit[0]) == BPM
    if not (MIN_READ if is_bpm else MIN_COUNT) <= tempo <= MAX_READ:
        return None
    return scanner.take(Tempo(tempo), index, unit[0])


def _label_first(scanner: Scanner, index: int) -> Mention[Tempo] | None:
    if scanner.at(index).text in NOTE_SIGNS:
        label: int | None = index + 1
    else:
        unit = scanner.longest(TEMPO_UNITS, index)
        label = scanner.is_label(index, "tempo") or (unit[0] if unit else None)
    if label is None:
        return None
    numbers = scanner.number_range(scanner.after_separator(label))
    if not numbers:
        return None
    values, end = numbers
    tempo = sum(values) / len(values)
    if not MIN_READ <= tempo <= MAX_READ or _is_fraction(scanner, end) or _is_measured(scanner, end):
        return None
    unit = scanner.longest(TEMPO_UNITS, end)
    return scanner.take(Tempo(tempo), index, unit[0] if unit else end)


def _is_fraction(scanner: Scanner, index: int) -> bool:
    """Return whether the number before a sign is part of a metre, a time or a percentage: "tempo 4/4"."""
    sign = scanner.at(index)
    return sign.text == "%" or (
        sign.text in {"/", ":"} and not sign.is_break and scanner.at(index + 1).number is not None
    )


def _is_measured(scanner: Scanner, index: int) -> bool:
    """Return whether the number before a token counts something else: "tempo, 30s"."""
    token = scanner.at(index)
    return token.is_readable and token.is_glued and not scanner.longest(TEMPO_UNITS, index)
