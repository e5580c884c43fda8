"""Reads tempos: "85bpm", "180+ BPM", "BPM: 128", "tempo 95-100", "♩ = 96"."""

from dataclasses import dataclass
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.mentions import NONE, Labelled, Mention, Scanner, lookup
from engines.studio.prompt.phrases.phrase_lookup import PhraseLookup
from engines.studio.prompt.phrases.phrase_meanings import PhraseKind
from engines.studio.prompt.phrases.phrase_table import PHRASE_TABLE

MIN_BPM, MAX_BPM = 40.0, 220.0
MIN_READ, MAX_READ = 10.0, 999.0
"""The range of numbers that can mean a tempo; outside of MIN_BPM to MAX_BPM it is approximated."""
MIN_COUNT: Final = 30.0
"""The smallest tempo in other units than "bpm": "8 beats" is a length."""
MIN_BARE: Final = 50.0
"""The smallest number without a unit that is read as a tempo."""
MIN_LIKELY, MAX_LIKELY = 60.0, 200.0
"""The range of numbers that are a tempo between a style and other words."""
STYLE_KINDS: Final = frozenset({PhraseKind.STYLE, PhraseKind.APPROXIMATED_STYLE})
MAX_STYLE_TOKENS: Final = 5
MAX_LABEL_TOKENS: Final = 3
SENTENCE_ENDS: Final = frozenset(".!?")
"""After these, a number may number something: "Op. 64"."""
BPM: Final = "bpm"
NOTE_SIGNS: Final = frozenset("♩♪@")
TEMPO_UNITS: Final = lookup("tempo_units")
BAR_UNITS: Final = lookup("bar_units")
LENGTH_UNITS: Final = lookup("length_units")
COMPARISONS: Final = lookup("comparisons")
TEMPO_CHANGES: Final[PhraseLookup[Labelled]] = PhraseLookup(
    (phrase, Labelled(str(degree), language.code))
    for language in LANGUAGES
    for degree, phrases in language.tempo_changes.items()
    for phrase in language.inflected_phrases(phrases)
)
CHANGE_PER_DEGREE: Final = 0.15
"""The change of tempo that "slower" and "faster" mean; "much slower" is twice as much."""
MARGIN: Final = 0.05
"""How far a tempo lies below or above the number that limits it."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """A tempo in BPM as requested, which may be unplayable.

    ``limit`` is "below" or "above" if the number is only a limit of the tempo.
    """

    requested: float
    limit: str | None = None

    @property
    def playable(self) -> float:
        """The nearest tempo that the engine plays, in BPM."""
        return min(MAX_BPM, max(MIN_BPM, self.requested))

    def within(self, usual: float) -> float:
        """Return the playable tempo: the usual one of a style, if it keeps the limit."""
        match self.limit:
            case "below":
                return max(MIN_BPM, min(usual, float(round(self.requested * (1.0 - MARGIN)))))
            case "above":
                return min(MAX_BPM, max(usual, float(round(self.requested * (1.0 + MARGIN)))))
            case _:
                return self.playable


def changed_tempo(usual: float, degree: float) -> float:
    """Return a tempo that is slower or faster than the usual one of a style, in whole BPM."""
    return float(round(min(MAX_BPM, max(MIN_BPM, usual * (1.0 + CHANGE_PER_DEGREE) ** degree))))


def read_tempo_changes(scanner: Scanner) -> list[Mention[float]]:
    """Return the degrees of words such as "slower" and "much faster"."""
    found = []
    for index in range(len(scanner.tokens)):
        change = tempo_change_at(scanner, index)
        if change:
            found.append(scanner.take(change[0], index, change[1]))
    return found


def tempo_change_at(scanner: Scanner, index: int) -> tuple[float, int] | None:
    """Return the degree of a word such as "slower" at a token, and the index after it."""
    change, comparison = scanner.longest(TEMPO_CHANGES, index), scanner.longest(COMPARISONS, index)
    is_limit = comparison is not None and change is not None and comparison[0] >= change[0]  # "slower than 100"
    if not change or is_limit or _is_adjective(scanner, index, change[0]):
        return None
    return float(change[1][0].value), change[0]


def read_tempos(scanner: Scanner) -> list[Mention[Tempo]]:
    """Return all tempos in order; of a range ("120-124 bpm"), its middle."""
    found = []
    for index in range(len(scanner.tokens)):
        if _is_denominator(scanner, index):
            continue
        mention = _compared(scanner, index) or _number_first(scanner, index) or _label_first(scanner, index)
        if mention:
            found.append(mention)
    return found


def _is_denominator(scanner: Scanner, index: int) -> bool:
    """Return whether a number ends a metre: "3/4 - 85 bpm" is no range from 4 to 85."""
    return scanner.at(index - 1).text == "/" and scanner.at(index - 2).number is not None


def _is_adjective(scanner: Scanner, start: int, end: int) -> bool:
    """Return whether a comparative is only an inflected adjective before a noun: "schneller Techno" is fast techno."""
    phrases = [PHRASE_TABLE.longest(scanner.tokens, index) for index in (start - 1, start)]
    if any(phrase and phrase[0] >= end + (phrase is phrases[1]) for phrase in phrases):
        return True  # a part of "sehr schneller" or "langsamer Aufbau"
    own, noun = phrases[1], PHRASE_TABLE.longest(scanner.tokens, end)
    is_tempo = own is not None and any(meaning.kind is PhraseKind.TEMPO for meaning in own[1])
    return is_tempo and noun is not None and noun[1][0].kind <= PhraseKind.APPROXIMATED_STYLE


def read_bare_numbers(scanner: Scanner) -> list[Mention[Tempo]]:
    """Return numbers without a unit that can only mean a tempo: an item of a list ("lofi, 85, piano"), "techno 128"."""
    return [
        scanner.take(Tempo(float(token.key)), index, index + 1)
        for index, token in enumerate(scanner.tokens)
        if index not in scanner.taken
        and token.key.isdecimal()
        and MIN_BARE <= float(token.key) <= MAX_BPM
        and (
            (_ends_item(scanner, index + 1) and (_ends_item(scanner, index - 1) or _follows_style(scanner, index)))
            or _is_tempo_of_style(scanner, index)
        )
        and len(scanner.tokens) > 1
    ]


def _ends_item(scanner: Scanner, index: int) -> bool:
    token = scanner.at(index)
    return token is NONE or (token.is_break and token.text not in SENTENCE_ENDS)


def _is_tempo_of_style(scanner: Scanner, index: int) -> bool:
    """Return whether a number follows a style and counts nothing: "psytrance 145 rolling bass"."""
    number, following = scanner.at(index).number or 0.0, scanner.at(index + 1)
    found = PHRASE_TABLE.longest(scanner.tokens, index)
    units = (BAR_UNITS, LENGTH_UNITS)
    is_counted = following.is_glued or any(scanner.longest(words, index + 1) for words in units)
    is_name = found is not None and found[0] > index + 1
    return MIN_LIKELY <= number <= MAX_LIKELY and not (is_counted or is_name) and _follows_style(scanner, index)


def _follows_style(scanner: Scanner, index: int) -> bool:
    for start in range(max(0, index - MAX_STYLE_TOKENS), index):
        found = PHRASE_TABLE.longest(scanner.tokens, start)
        if found and found[0] == index and any(meaning.kind in STYLE_KINDS for meaning in found[1]):
            return True
    return False


def _compared(scanner: Scanner, index: int) -> Mention[Tempo] | None:
    """Read "about 100", "under 100 bpm", "between 90 and 100", "90-ish", "tempo below 100"."""
    before = scanner.longest(COMPARISONS, index)
    start = before[0] if before else index
    numbers = scanner.number_range(start)
    if not numbers:
        return None
    values, end = numbers
    after = scanner.longest(COMPARISONS, end + (scanner.at(end).text == "-"))
    unit_start = after[0] if after else end
    unit = scanner.longest(TEMPO_UNITS, unit_start)
    if not unit and after and not _ends_item(scanner, after[0]):
        after = None
    later = scanner.longest(COMPARISONS, unit[0]) if unit and not after else None
    after = after or (later if later and _ends_item(scanner, later[0]) else None)
    words = [found[1][0].value for found in (before, after) if found]
    if not words:
        return None
    end = max(unit[0] if unit else end, after[0] if after else end)
    tempo = sum(values) / len(values)
    is_bare = not unit and not (MIN_BARE <= tempo <= MAX_BPM and _ends_item(scanner, end))
    if is_bare or not MIN_READ <= tempo <= MAX_READ or ("between" in words and len(values) == 1):
        return None
    limit = next((word for word in words if word in {"below", "above"}), None)
    label = next((at for at in range(max(0, index - MAX_LABEL_TOKENS), index) if _is_label(scanner, at, index)), index)
    return scanner.take(Tempo(tempo, limit), label, end)


def _is_label(scanner: Scanner, start: int, end: int) -> bool:
    label = scanner.is_label(start, "tempo")
    return label is not None and label <= end == scanner.after_separator(label)


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
