"""Plans the sections of a form: their order and lengths, then their highlights and energies."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from typing import Final

from engines.studio.arranging import requested_sections
from engines.studio.arranging.form_energies import (
    with_energy_arch,
    with_energy_slope,
    with_requested_end,
    with_requested_start,
    with_rising_energies,
)
from engines.studio.arranging.form_highlights import time_point_bar, with_highlight
from engines.studio.arranging.key_changes import EPISODE
from engines.studio.arranging.planned_section import PlannedSection
from engines.studio.composing.progressions import FURTHER_THEMES
from engines.studio.model.form_request import FormRequest
from engines.studio.model.style import Form

EPISODE_CONTRAST: Final = 0.1
"""How much lower the energy of an episode is than the mean of the body."""


def plan_sections(
    form: Form, bars: int, request: FormRequest, seconds: float, total_bars: float
) -> list[PlannedSection]:
    """Plan sections that fill ``bars``. With the last chord the track has ``total_bars`` and lasts ``seconds``.

    If the form of the style lacks a section that a scoped request names, a song form that has it is planned.
    """
    form = requested_sections.without_sections(form, request.absent)
    request = replace(request, sections=requested_sections.remaining(request.sections, request.absent))
    sections = _plan(form, bars, request, seconds, total_bars)
    if not request.sections and (names := requested_sections.song_form_for(request, sections)):
        sections = _plan(form, bars, replace(request, sections=names), seconds, total_bars)
    return requested_sections.with_section_lengths(sections, request.scoped, seconds / max(1.0, total_bars))


def _plan(form: Form, bars: int, request: FormRequest, seconds: float, total_bars: float) -> list[PlannedSection]:
    if requested_sections.is_planned_here(request):
        sections = requested_sections.plan_requested_sections(form, bars, request)
        if request.arc and len(sections) > 1:
            sections = with_rising_energies(sections, falls=request.arc == "fall")
        return with_requested_end(with_requested_start(sections, request), request)
    sections = (
        _themed_sections(form, bars, request)
        if request.theme_order and bars >= 2 * len(request.theme_order)
        else _default_sections(form, bars, request)
    )
    if not request.highlights and not request.arc:
        sections = with_energy_arch(sections)
    peak = max(form.body, key=lambda part: part[2])
    for name in ("break", "climax", "drop"):
        if name in request.highlights and bars >= 2:
            bar = time_point_bar(request.highlights[name], seconds, total_bars, bars)
            sections = with_highlight(sections, name, bar, peak[1])
    if request.arc and sections:
        sections = with_energy_slope(sections, falls=request.arc == "fall", outro=form.outro[0])
    return with_requested_end(with_requested_start(sections, request), request)


def _intro_outro_bars(form: Form, bars: int, request: FormRequest) -> tuple[int, int]:
    """Return the lengths of the intro and the outro in bars."""
    usual = form.intro_bars if bars >= 32 else min(4, form.intro_bars)
    if request.start == "quiet" or request.has_long_intro:
        usual = max(usual, 4)
    intro = (usual if bars >= 16 else min(usual, 2)) * (2 if request.has_long_intro and bars >= 20 else 1)
    outro = 4 if bars >= 24 else 2
    has_intro = request.has_intro and not request.is_loop
    return intro if has_intro else 0, outro if request.has_ending and request.has_outro else 0


def _default_sections(form: Form, bars: int, request: FormRequest) -> list[PlannedSection]:
    peak = max(form.body, key=lambda part: part[2])
    if bars <= 4:
        return [PlannedSection(*peak, bars)] if bars else []
    if bars < 12:
        return [PlannedSection(*form.body[0], 4), PlannedSection(*peak, bars - 4)]
    intro, outro = _intro_outro_bars(form, bars, request)
    sizes, rest = _body_bars(form, bars - intro - outro)
    parts = list(islice(_body_with_episodes(form), len(sizes) - 1))
    if parts and parts[-1][0] == peak[0]:
        near = {peak[0], *(part[0] for part in parts[-2:-1])}
        parts[-1] = next((part for part in form.body if part[0] not in near), form.body[0])
    body = [PlannedSection(*part, size) for part, size in zip([*parts, peak], sizes, strict=True)]
    return _with_intro_outro(form, body, intro, outro, rest)


def _body_with_episodes(form: Form) -> Iterator[tuple[str, str, float]]:
    """Repeat the body, with an episode on a new theme after each time."""
    mean = sum(row[2] for row in form.body) / len(form.body)
    for theme in cycle(FURTHER_THEMES):
        yield from form.body
        yield EPISODE, theme, max(0.1, mean - EPISODE_CONTRAST)


def _body_bars(form: Form, body: int) -> tuple[list[int], int]:
    """Return the bars of each section of the body, and the remaining bars."""
    phrase = _phrase_bars(form, body)
    count, rest = divmod(body, phrase)
    if rest >= 4:
        count, rest = count + 1, rest - 4
    sizes = [phrase] * count
    if count * phrase > body - rest:
        sizes[len(sizes) // 2] = 4
    return sizes, rest


def _phrase_bars(form: Form, body: int) -> int:
    if body >= 128:
        return 2 * form.phrase_bars
    return form.phrase_bars if body >= 2 * form.phrase_bars else 4


def _with_intro_outro(
    form: Form, body: list[PlannedSection], intro: int, outro: int, rest: int
) -> list[PlannedSection]:
    """Add the intro and the outro to a body. They take the remaining bars, or else the last section does."""
    intro_rest = (rest - rest // 2 if outro else rest) if intro else 0
    outro_rest = rest - intro_rest if outro else 0
    body[-1] = replace(body[-1], bars=body[-1].bars + rest - intro_rest - outro_rest)
    first = [PlannedSection(*form.intro, intro + intro_rest)] if intro else []
    return [*first, *body, *([PlannedSection(*form.outro, outro + outro_rest)] if outro else [])]


def _themed_sections(form: Form, bars: int, request: FormRequest) -> list[PlannedSection]:
    """Plan a body with the requested order of themes, and an intro and an outro if it is long enough."""
    order = (request.theme_order or "A").upper()
    intro, outro = _intro_outro_bars(form, bars, request) if bars >= 6 * len(order) else (0, 0)
    body_bars = bars - intro - outro
    grid = next(grid for grid in (4, 2, 1) if body_bars // len(order) >= grid or grid == 1)
    size = body_bars // len(order) // grid * grid
    by_theme = {part[1]: part for part in reversed(form.body)}
    peak = max(form.body, key=lambda part: part[2])
    parts = [by_theme.get(theme, (f"part {theme}", theme, peak[2] - 0.06)) for theme in order]
    body = [PlannedSection(*part, size) for part in parts]
    return _with_intro_outro(form, body, intro, outro, body_bars - size * len(order))
