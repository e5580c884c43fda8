"""Fits the sections of a form into a duration: chooses the exact tempo and the number of bars."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from engines.studio.arranging.form_plan import plan_sections
from engines.studio.arranging.planned_section import PlannedSection
from engines.studio.model.composition import LAST_CHORD, Plan, consecutive_sections
from engines.studio.model.form_request import FormRequest
from engines.studio.model.style import Form, Style
from engines.studio.theory.metre import COMMON_TIME, Metre

LAST_CHORD_ENERGIES: Final = {"loud": 0.95, "quiet": 0.15}
"""The energy of the last chord by the requested end; otherwise it is that of the style's outro."""

COLD_SHARE: Final = 0.35
"""The length of the last chord as a share of the usual one if the track stops with a stroke."""


def fit(
    style: Style,
    form_request: FormRequest,
    seconds: float,
    tempo: float | None,
    usual_tempo: float,
    metre: Metre = COMMON_TIME,
    *,
    is_cold: bool = False,
) -> Plan:
    """Fit the form of a style into ``seconds``.

    Tempos are in quarter notes per minute. A requested ``tempo`` does not change, ``usual_tempo`` may change by a few
    percent. Bars are progression bars of the metre. A loop has a whole number of beats, and of bars if that changes the
    tempo by no more than 3 %. The last chord is short if the end ``is_cold``.
    """
    bar = metre.progression_bar
    if form_request.has_ending:
        fitted, bars = _fit_with_last_chord(seconds, tempo, usual_tempo, 60.0 * bar, is_cold=is_cold)
    else:
        fitted = _fit_loop(seconds, tempo, usual_tempo, metre) if form_request.is_loop else tempo or usual_tempo
        bars = math.ceil(seconds * fitted / (60.0 * bar) - 1e-6)
    beats = seconds * fitted / 60.0
    if form_request.is_loop:
        beats = round(beats / metre.grid) * metre.grid
    bars = min(bars, int(beats / bar)) if form_request.has_ending else bars
    planned = plan_sections(style.form, bars, form_request, seconds, beats / bar)
    rows = _section_rows(planned, style.form, form_request, beats, bar)
    sections = consecutive_sections(rows, requests=[section.requested for section in planned])
    presences = [*(section.presence for section in planned), *[0.0] * len(sections)]
    present = (
        replace(section, presence=max(section.energy, presence))
        for section, presence in zip(sections, presences, strict=False)
    )
    return Plan(fitted, beats, tuple(present))


def _fit_with_last_chord(
    seconds: float, tempo: float | None, usual_tempo: float, bar_factor: float, *, is_cold: bool
) -> tuple[float, int]:
    """Return the tempo and the number of bars before the last chord. A bar lasts ``bar_factor`` / tempo seconds."""
    ring_seconds = min(4.0, max(0.45 * min(seconds, 3.0), 0.06 * seconds)) * (COLD_SHARE if is_cold else 1.0)
    bars = int((seconds - ring_seconds) / (bar_factor / (tempo or usual_tempo)) + (0.0 if tempo else 0.5))
    fitted = tempo or _fit_tempo(bars, seconds - ring_seconds, usual_tempo, bar_factor)
    while bars and seconds - bar_factor * bars / fitted < 0.6 * ring_seconds:
        bars -= 1
        fitted = tempo or _fit_tempo(bars, seconds - ring_seconds, usual_tempo, bar_factor)
    return fitted, bars


def _fit_tempo(bars: int, seconds: float, usual_tempo: float, bar_factor: float) -> float:
    if not bars:
        return usual_tempo
    tolerance = 0.04 if bars >= 8 else 0.12
    return min(usual_tempo * (1 + tolerance), max(usual_tempo * (1 - tolerance), bar_factor * bars / seconds))


def _fit_loop(seconds: float, tempo: float | None, usual_tempo: float, metre: Metre) -> float:
    target = tempo or usual_tempo
    for beats in (metre.bar_length, metre.grid):
        factor = 60.0 * beats
        fitted = factor * max(1, round(seconds * target / factor)) / seconds
        if abs(fitted / target - 1.0) <= (0.03 if tempo else 0.12):
            break
    return fitted


def _section_rows(
    planned: Sequence[PlannedSection], form: Form, form_request: FormRequest, beats: float, bar: float
) -> Iterator[tuple[str, str, float, float]]:
    start = 0.0
    for section in planned:
        yield section.name, section.theme, section.energy, bar * section.bars
        start += bar * section.bars
    if form_request.has_ending:
        energy = LAST_CHORD_ENERGIES.get(form_request.end or "", form.outro[2])
        yield LAST_CHORD, "A", energy, beats - start
