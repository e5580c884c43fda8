"""How a length becomes sections: whole bars at a fitting tempo, and a last chord that rings to the end."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engines.studio.outline import Leg, outline
from engines.studio.piece import Section
from engines.studio.shape import Shape, ShapedForm
from engines.studio.style import Form, Style

LAST_CHORD = "ending"


@dataclass(frozen=True, slots=True)
class Plan:
    """The tempo (BPM), the whole length in beats, and the sections that fill it without a gap."""

    tempo: float
    beats: float
    sections: tuple[Section, ...]


def plan(style: Style, seconds: float, tempo: float | None, usual: float) -> Plan:
    """Fits a form into ``seconds``. A tempo that was asked for stays; the usual one may give way by a few percent.

    A loop is whole beats long, whole bars if that costs no more than 3 % of the tempo.
    """
    wishes = style.form.shape if isinstance(style.form, ShapedForm) else Shape()
    if wishes.has_ending:
        fitted, bars = _ringing(seconds, tempo, usual)
    else:
        fitted = _looping(seconds, tempo, usual) if wishes.is_loop else tempo or usual
        bars = math.ceil(seconds * fitted / 240.0 - 1e-6)
    beats = seconds * fitted / 60.0
    if wishes.is_loop:
        beats = float(round(beats))
    bars = min(bars, int(beats / 4)) if wishes.has_ending else bars
    legs = outline(style.form, bars, wishes, seconds, beats / 4)
    return Plan(fitted, beats, tuple(_sections(legs, style.form, wishes, beats)))


def _ringing(seconds: float, tempo: float | None, usual: float) -> tuple[float, int]:
    """The tempo, and the bars before a last chord that has time to ring."""
    ring = min(4.0, max(0.45 * min(seconds, 3.0), 0.06 * seconds))
    bars = int((seconds - ring) / (240.0 / (tempo or usual)) + (0.0 if tempo else 0.5))
    fitted = tempo or _fitted(bars, seconds - ring, usual)
    while bars and seconds - 240.0 * bars / fitted < 0.6 * ring:
        bars -= 1
        fitted = tempo or _fitted(bars, seconds - ring, usual)
    return fitted, bars


def _fitted(bars: int, seconds: float, usual: float) -> float:
    if not bars:
        return usual
    slack = 0.04 if bars >= 8 else 0.12
    return min(usual * (1 + slack), max(usual * (1 - slack), 240.0 * bars / seconds))


def _looping(seconds: float, tempo: float | None, usual: float) -> float:
    wanted = tempo or usual
    bars = max(1, round(seconds * wanted / 240.0))
    whole = 240.0 * bars / seconds
    if abs(whole / wanted - 1.0) <= (0.03 if tempo else 0.12):
        return whole
    return 60.0 * max(1, round(seconds * wanted / 60.0)) / seconds


def _sections(legs: Sequence[Leg], form: Form, wishes: Shape, beats: float) -> Iterator[Section]:
    energy = 0.9 if wishes.end == "loud" else form.outro[2]
    ending = [Leg(LAST_CHORD, "A", energy, 0)] if wishes.has_ending else []
    visits: dict[str, int] = {}
    start, row = 0.0, [*legs, *ending]
    for place, leg in enumerate(row):
        visit = visits.get(leg.name, 0)
        visits[leg.name] = visit + 1
        span = beats - start if leg.name == LAST_CHORD else 4.0 * leg.bars
        yield Section(leg.name, leg.theme, start, span, leg.energy, visit, place == 0, place == len(row) - 1)
        start += span
