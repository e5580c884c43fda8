"""How a length becomes sections: whole bars at a fitting tempo, and a last chord that rings to the end."""

import math
from collections.abc import Iterator, Sequence

from engines.studio.arranging.form_plan import PlannedSection, plan_sections
from engines.studio.model.composition import Section
from engines.studio.model.form_request import FormRequest, ShapedForm
from engines.studio.model.plan import LAST_CHORD, Plan
from engines.studio.model.style import Form, Style
from engines.studio.theory.metre import COMMON_TIME, Metre


def fit(style: Style, seconds: float, tempo: float | None, usual: float, metre: Metre = COMMON_TIME) -> Plan:
    """Fits a form into ``seconds``. A tempo that was asked for stays; the usual one may give way by a few percent.

    Tempi count quarters. The bars of a form are units of the metre, which two short bars share. A loop is whole beats
    long, whole bars if that costs no more than 3 % of the tempo.
    """
    wishes = style.form.shape if isinstance(style.form, ShapedForm) else FormRequest()
    if wishes.has_ending:
        fitted, bars = _fit_with_last_chord(seconds, tempo, usual, 60.0 * metre.progression_bar)
    else:
        fitted = _fit_loop(seconds, tempo, usual, metre) if wishes.is_loop else tempo or usual
        bars = math.ceil(seconds * fitted / (60.0 * metre.progression_bar) - 1e-6)
    beats = seconds * fitted / 60.0
    if wishes.is_loop:
        beats = round(beats / metre.grid) * metre.grid
    bars = min(bars, int(beats / metre.progression_bar)) if wishes.has_ending else bars
    legs = plan_sections(style.form, bars, wishes, seconds, beats / metre.progression_bar)
    return Plan(fitted, beats, tuple(_sections(legs, style.form, wishes, beats, metre.progression_bar)))


def _fit_with_last_chord(seconds: float, tempo: float | None, usual: float, minute: float) -> tuple[float, int]:
    """The tempo, and the bars before a last chord that has time to ring; a bar lasts ``minute`` / tempo seconds."""
    ring = min(4.0, max(0.45 * min(seconds, 3.0), 0.06 * seconds))
    bars = int((seconds - ring) / (minute / (tempo or usual)) + (0.0 if tempo else 0.5))
    fitted = tempo or _fit_tempo(bars, seconds - ring, usual, minute)
    while bars and seconds - minute * bars / fitted < 0.6 * ring:
        bars -= 1
        fitted = tempo or _fit_tempo(bars, seconds - ring, usual, minute)
    return fitted, bars


def _fit_tempo(bars: int, seconds: float, usual: float, minute: float) -> float:
    if not bars:
        return usual
    slack = 0.04 if bars >= 8 else 0.12
    return min(usual * (1 + slack), max(usual * (1 - slack), minute * bars / seconds))


def _fit_loop(seconds: float, tempo: float | None, usual: float, metre: Metre) -> float:
    wanted = tempo or usual
    for beats in (metre.bar_length, metre.grid):
        minute = 60.0 * beats
        whole = minute * max(1, round(seconds * wanted / minute)) / seconds
        if abs(whole / wanted - 1.0) <= (0.03 if tempo else 0.12):
            break
    return whole


def _sections(
    legs: Sequence[PlannedSection], form: Form, wishes: FormRequest, beats: float, unit: float
) -> Iterator[Section]:
    energy = 0.9 if wishes.end == "loud" else form.outro[2]
    ending = [PlannedSection(LAST_CHORD, "A", energy, 0)] if wishes.has_ending else []
    visits: dict[str, int] = {}
    start, row = 0.0, [*legs, *ending]
    for place, leg in enumerate(row):
        visit = visits.get(leg.name, 0)
        visits[leg.name] = visit + 1
        span = beats - start if leg.name == LAST_CHORD else unit * leg.bars
        yield Section(leg.name, leg.theme, start, span, leg.energy, visit, place == 0, place == len(row) - 1)
        start += span
