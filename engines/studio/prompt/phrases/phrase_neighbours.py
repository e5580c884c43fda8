"""Meanings that the neighbours of a phrase decide: "relaxed tempo" is a tempo, "melodia grave" a register."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from engines.studio.languages import LANGUAGES
from engines.studio.prompt.mentions import LABELS, SEPARATORS, Scanner
from engines.studio.prompt.moods import MOOD_ENERGY
from engines.studio.prompt.phrases.phrase_meanings import ADJECTIVE_KINDS, Meaning, PhraseKind, PhraseMatch

HEAD_INITIAL: Final = frozenset(language.code for language in LANGUAGES if language.is_head_initial)
"""Languages in which an adjective follows its noun: "tempo rilassato"."""
REGISTERS: Final[Mapping[str, float]] = {"low_register": -0.8, "high_register": 0.8}
"""What words for a register mean beside a word for the tempo: "high tempo"."""
LINKING_KINDS: Final = ADJECTIVE_KINDS | {PhraseKind.CONJUNCTION, PhraseKind.DISJUNCTION}
"""Kinds that may lie between an instrument and an adjective after it."""
SCENES: Final[Mapping[str, float]] = {"racing": 0.8, "chill": -0.4}
CALM_TEMPO, LIVELY_TEMPO = -0.4, 0.6
"""The tempos, from -1 to 1, of moods and energies beside a word for the tempo."""


def read_in_context(scanner: Scanner, matches: Sequence[PhraseMatch]) -> list[PhraseMatch]:
    """Return the phrases with the meanings that apply beside their neighbours."""
    starts = {match.start: match for match in matches}
    ends = {match.end: match for match in matches}
    tempos = [_tempo_word(scanner, index, starts, ends) for index in range(len(scanner.tokens))]
    described = {match.start: lean for found in tempos if found for match, lean in [found]}
    return [
        _with_kind(match, PhraseKind.TEMPO, described[match.start])
        if match.start in described
        else _with_register(match, starts, ends)
        for match in matches
    ]


def _tempo_word(
    scanner: Scanner, index: int, starts: Mapping[int, PhraseMatch], ends: Mapping[int, PhraseMatch]
) -> tuple[PhraseMatch, float] | None:
    """Return the phrase that describes the word for the tempo at a token, and the tempo that it means."""
    label = scanner.longest(LABELS, index)
    own = [meaning.language for meaning in label[1] if meaning.value == "tempo"] if label else []
    if label is None or not own:
        return None
    end = label[0]
    if end < len(scanner.tokens) and scanner.tokens[end].text in SEPARATORS:
        candidates = [starts.get(end + 1)]
    else:
        candidates = [ends.get(index), starts.get(end)]
    for match in candidates:
        if match is None:
            continue
        if match.kind is PhraseKind.TEMPO:
            return None
        follows = match.start >= end
        is_described = not follows or match.start > end or match.language in HEAD_INITIAL
        lean = _lean(match) if is_described else None
        if lean is not None:
            return match, lean
    return None


def _lean(match: PhraseMatch) -> float | None:
    mood, energy = match.value_of(PhraseKind.MOOD), match.value_of(PhraseKind.ENERGY)
    register, scene = match.value_of(PhraseKind.TRANSFORMATION), match.value_of(PhraseKind.SCENE)
    if register in REGISTERS:
        return REGISTERS[str(register)]
    if mood is not None and MOOD_ENERGY[str(mood)]:
        return CALM_TEMPO if MOOD_ENERGY[str(mood)] < 0 else LIVELY_TEMPO
    if energy is not None and float(energy):
        return CALM_TEMPO if float(energy) < 0 else LIVELY_TEMPO
    return SCENES.get(str(scene))


def _with_kind(match: PhraseMatch, kind: PhraseKind, value: float) -> PhraseMatch:
    return replace(match, meanings=(Meaning(kind, value, match.language),))


def _with_register(
    match: PhraseMatch, starts: Mapping[int, PhraseMatch], ends: Mapping[int, PhraseMatch]
) -> PhraseMatch:
    """Return a word for a tempo and a register ("grave") as one of them: beside an instrument it is a register."""
    has_register = match.value_of(PhraseKind.TRANSFORMATION) in REGISTERS
    if not has_register or match.value_of(PhraseKind.TEMPO) is None:
        return match
    before, after = ends.get(match.start), starts.get(match.end)
    while before is not None and before.kind in LINKING_KINDS:  # "melodia baixa e grave"
        before = ends.get(before.start)
    is_register = any(other is not None and other.kind is PhraseKind.INSTRUMENT for other in (before, after))
    return match.led_by(PhraseKind.TRANSFORMATION if is_register else PhraseKind.TEMPO)
