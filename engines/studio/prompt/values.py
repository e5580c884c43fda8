"""Reads the values that a prompt mentions: tempos, keys, metres, lengths, decades, chords and sections."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.port import Approximation
from engines.studio.model.music_request import Length
from engines.studio.prompt import keys, progressions, unsupported
from engines.studio.prompt.explicit_controls import ExplicitValues
from engines.studio.prompt.form import dynamics, local_tempos, section_counts, sections
from engines.studio.prompt.mentions import SEPARATORS, Mention, Scanner
from engines.studio.prompt.precedence import Level
from engines.studio.prompt.quantities import lengths, metres, tempo
from engines.studio.prompt.requirements import Requirements

DEFAULT_MODE: Final = "major"
"""The mode of a key without one: "in D" is D major."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values that a prompt mentions, in order."""

    tags: list[Mention[sections.NamedSection]]
    lists: list[Mention[tuple[str, ...]]]
    counts: list[Mention[int]]
    themes: list[Mention[str]]
    dynamics: Mention[tuple[str, ...]] | None
    clock_times: list[lengths.ClockTime]
    tempos: list[Mention[tempo.Tempo]]
    tempo_changes: list[Mention[float]]
    keys: list[Mention[keys.NamedKey]]
    unusable: list[Mention[None]]
    progressions: list[Mention[progressions.Progression]]
    metres: list[Mention[str]]
    lengths: list[Mention[Length]]
    decades: list[Mention[int]]
    title: str | None
    unsupported: list[Mention[str]]
    ritardandos: list[Mention[None]]


def read_values(scanner: Scanner) -> Values:
    """Read all values. Each takes its tokens, so the order matters: the most specific forms come first."""
    tags = sections.read_tags(scanner)
    local = local_tempos.read_local_tempos(scanner)
    unrealisable = [*local.unsupported, *unsupported.read_unsupported(scanner)]
    title = _read_title(scanner)
    marks = dynamics.read_dynamics(scanner)
    clock_times = lengths.read_clock_times(scanner)
    tempos = tempo.read_tempos(scanner)
    changes = tempo.read_tempo_changes(scanner)
    found_metres = metres.read_metres(scanner)
    themes = sections.read_themes(scanner)
    chords = progressions.read_progressions(scanner, None)
    named, unusable = keys.read_keys(scanner)
    named = named if named or chords else keys.read_bare_notes(scanner)
    if named and chords:
        chords = [_in_key(scanner, chord, named[0].value) for chord in chords]
    found_lengths, decades = lengths.read_lengths_and_decades(scanner)
    tempos = tempos or tempo.read_bare_numbers(scanner)
    counts, lists = sections.read_counts(scanner), sections.read_lists(scanner)
    lists = lists or [form for form in [section_counts.read_section_counts(scanner)] if form]
    return Values(tags, lists, counts, themes, marks, clock_times, tempos, changes, named, unusable, chords,
                   found_metres, found_lengths, decades, title, unrealisable, local.ritardandos)  # fmt: skip


def _in_key(
    scanner: Scanner, mention: Mention[progressions.Progression], key: keys.NamedKey
) -> Mention[progressions.Progression]:
    """Read a progression again in the key that the prompt names."""
    scanner.taken.difference_update(range(mention.start, mention.end))
    again = progressions.read_progressions(scanner, (key.tonic, key.mode or DEFAULT_MODE))
    return again[0] if again else mention


def _read_title(scanner: Scanner) -> str | None:
    """Read "Title: Rain Song" up to the end of the clause."""
    for index in range(len(scanner.tokens)):
        label = scanner.is_label(index, "title")
        if label is not None and scanner.at(label).text in SEPARATORS:
            end = next(
                (i for i in range(label + 1, len(scanner.tokens)) if scanner.tokens[i].is_break), len(scanner.tokens)
            )
            if end > label + 1:
                scanner.taken.update(range(index, end))
                return scanner.text.raw[scanner.tokens[label + 1].start : scanner.tokens[end - 1].end]
    return None


def add_values(values: Values, explicit_values: ExplicitValues, requirements: Requirements) -> None:
    """Report the values as used, approximated or ignored; of each kind the first counts."""
    _add_tempos(values.tempos, explicit_values, requirements)
    is_first = not (explicit_values.tempo or values.tempos)
    are_used = [is_first and number == 0 for number in range(len(values.tempo_changes))]
    _report_all(values.tempo_changes, are_used, requirements, Level.WORD)
    key = explicit_values.key or (values.keys[0].value if values.keys else None)
    _report_all(values.keys, [mention.value == key for mention in values.keys], requirements, Level.NUMBER)
    first = [number == 0 for number in range(len(values.progressions))]
    _report_all(values.progressions, first, requirements, Level.NUMBER)
    for metre in values.metres:
        requirements.add_metre(metre.value, metre.text)
    for decade in values.decades:
        requirements.add_decade(decade.value, decade.text)
    unsupported.add_unsupported(values.unsupported, requirements)
    for ritardando in values.ritardandos:
        requirements.use(Level.FORM, ritardando.text)
        requirements.form_features.setdefault("ritardando", None)
    requirements.ignored.extend(mention.text for mention in (*values.unusable, *values.lengths[1:]))
    forms: list[Mention[object]] = [*values.tags, *values.lists[:1], *values.counts[:1], *values.themes[:1]]
    _report_all(forms, [not explicit_values.sections] * len(forms), requirements, Level.FORM)


def _add_tempos(
    tempos: Sequence[Mention[tempo.Tempo]], explicit_values: ExplicitValues, requirements: Requirements
) -> None:
    first = explicit_values.tempo or (tempos[0].value if tempos else None)
    for mention in tempos:
        limited = mention.value.playable
        if mention.value != first:
            requirements.ignored.append(mention.text)
        elif limited == mention.value.requested:
            requirements.use(Level.NUMBER, mention.text)
        else:
            requirements.approximated.append(Approximation(mention.text, f"{limited:g} bpm"))


def _report_all(
    mentions: Sequence[Mention[object]], are_used: Sequence[bool], requirements: Requirements, level: Level
) -> None:
    for mention, is_used in zip(mentions, are_used, strict=True):
        if is_used:
            requirements.use(level, mention.text)
        else:
            requirements.ignored.append(mention.text)
