"""When each instrument plays, for the report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from engines.port import InstrumentUse
from engines.studio.instruments import CATALOGUE
from engines.studio.instruments.groups import KIT_PIECES, label
from engines.studio.mixing.performance import NoteEvent
from engines.studio.model.style import Part

REST_SECONDS: Final = 4.0
"""Longest rest between two notes during which an instrument still counts as playing."""
AUDIBLE_PEAK: Final = 10 ** (-55 / 20)
"""Lowest peak of an audible stem."""


def instrument_uses(
    parts: Sequence[Part],
    performance: Mapping[str, Sequence[NoteEvent]],
    seconds: float,
    stem_peaks: Mapping[str, float],
) -> tuple[InstrumentUse, ...]:
    """Return the use of every audible instrument in a track of ``seconds``, in the order of their first notes.

    A piece of small percussion that is a part of its own has its own name.
    """
    events: dict[tuple[str, str], list[NoteEvent]] = {}
    for part in parts:
        if performance[part.name] and stem_peaks.get(part.stem, 0.0) > AUDIBLE_PEAK:
            name = label(part.name) if part.name in KIT_PIECES else CATALOGUE[part.instrument].name
            events.setdefault((name, part.stem), []).extend(performance[part.name])
    uses = (_use(name, stem, found, seconds) for (name, stem), found in events.items())
    return tuple(sorted(uses, key=lambda use: (use.starts_at, use.stem, use.name)))


def _use(name: str, stem: str, events: Iterable[NoteEvent], seconds: float) -> InstrumentUse:
    ordered = sorted(events, key=lambda event: event.start)
    playing, end = 0.0, ordered[0].start
    for event in ordered:
        start = end if event.start - end <= REST_SECONDS else event.start
        playing += max(0.0, event.end - max(start, end))
        end = max(end, event.end)
    return InstrumentUse(name, stem, round(1000 * ordered[0].start), round(min(1.0, playing / seconds), 3))
