"""Plans the sections of a form: their order, lengths and energies."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Final

from engines.studio.arranging import requested_sections
from engines.studio.arranging.key_changes import EPISODE
from engines.studio.arranging.planned_section import PlannedSection
from engines.studio.composing.progressions import FURTHER_THEMES
from engines.studio.model.form_request import FormRequest, TimePoint
from engines.studio.model.style import Form

PEAK_ENERGY, NON_PEAK_ENERGY, PRE_DROP_ENERGY, BREAK_ENERGY = 0.95, 0.62, 0.4, 0.22
"""Energies of a requested drop or climax, of the other sections, of the build-up to a drop, and of a break."""
EPISODE_CONTRAST: Final = 0.1
"""How much lower the energy of an episode is than the mean of the body."""
PEAK_POSITION: Final = 0.75
"""The position of the energy peak if the request names none, as a share of the length."""


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
            sections = _with_rising_energies(sections, falls=request.arc == "fall")
        return _with_requested_end(_with_requested_start(sections, request), request)
    sections = (
        _themed_sections(form, bars, request)
        if request.theme_order and bars >= 2 * len(request.theme_order)
        else _default_sections(form, bars, request)
    )
    if not request.highlights and not request.arc:
        sections = _with_energy_arch(sections)
    peak = max(form.body, key=lambda part: part[2])
    for name in ("break", "climax", "drop"):
        if name in request.highlights and bars >= 2:
            bar = _time_point_bar(request.highlights[name], seconds, total_bars, bars)
            sections = _with_highlight(sections, name, bar, peak[1])
    if request.arc and sections:
        sections = _with_energy_slope(sections, falls=request.arc == "fall", outro=form.outro[0])
    return _with_requested_end(_with_requested_start(sections, request), request)


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


def _map_by_position(
    sections: Sequence[PlannedSection], change: Callable[[PlannedSection, float], PlannedSection]
) -> list[PlannedSection]:
    """Apply a change to every section. It receives the section and the position of its middle as a share, 0 to 1."""
    total, start, result = max(1, sum(section.bars for section in sections)), 0, []
    for section in sections:
        result.append(change(section, (start + section.bars / 2) / total))
        start += section.bars
    return result


def _with_energy_arch(sections: Sequence[PlannedSection]) -> list[PlannedSection]:
    """Raise the energies towards PEAK_POSITION, so that repeated sections of a long track do not sound alike."""
    height = 0.10 * min(1.0, len(sections) / 6)

    def raise_energy(section: PlannedSection, share: float) -> PlannedSection:
        closeness = 1.0 - abs(share - PEAK_POSITION) / PEAK_POSITION
        return replace(section, energy=min(1.0, section.energy + height * closeness))

    return _map_by_position(sections, raise_energy)


def _time_point_bar(time_point: TimePoint, seconds: float, total_bars: float, bars: int) -> int:
    """Return the bar closest to a time point, a multiple of four, two or one."""
    grid = 4 if bars >= 32 else 2 if bars >= 12 else 1
    return max(1, min(bars - 1, round(time_point.share_of(seconds) * total_bars / grid) * grid))


def _split_at(sections: Sequence[PlannedSection], bar: int) -> list[PlannedSection]:
    """Split the section that contains a bar at this bar."""
    result, start = [], 0
    for section in sections:
        inside = bar - start
        if 0 < inside < section.bars:
            result += [replace(section, bars=inside), replace(section, bars=section.bars - inside)]
        else:
            result.append(section)
        start += section.bars
    return result


def _with_highlight(sections: list[PlannedSection], name: str, bar: int, theme: str) -> list[PlannedSection]:
    """Insert a drop, a climax or a break at a bar, with a build-up before it, and lower the energy of the rest."""
    bars = sum(section.bars for section in sections)
    lead = 0 if name == "break" else min(bar, 4 if bars >= 24 else 2 if bars >= 8 else 1)
    length = max(2, bars // 24 * 4 or 4) if name != "break" else max(1, min(8, bars // 12 * 2))
    for edge in (bar - lead, bar, bar + length):
        sections = _split_at(sections, edge)
    result, start = [], 0
    for section in sections:
        if bar <= start < bar + length:
            result.append(_highlight(section, name, theme))
        elif bar - lead <= start < bar:
            result.append(replace(section, name="build", energy=PRE_DROP_ENERGY if name == "drop" else NON_PEAK_ENERGY))
        elif name != "break" and section.energy != PEAK_ENERGY:
            result.append(replace(section, energy=min(section.energy, NON_PEAK_ENERGY)))
        else:
            result.append(section)
        start += section.bars
    return _join_equal(result)


def _join_equal(sections: Sequence[PlannedSection]) -> list[PlannedSection]:
    """Join equal neighbours, up to 16 bars unless they have the peak energy."""
    result: list[PlannedSection] = []
    for section in sections:
        last = result[-1] if result else None
        is_equal = last and replace(last, bars=section.bars) == section
        if last and is_equal and (section.energy == PEAK_ENERGY or last.bars + section.bars <= 16):
            result[-1] = replace(last, bars=last.bars + section.bars)
        else:
            result.append(section)
    return result


def _highlight(section: PlannedSection, name: str, theme: str) -> PlannedSection:
    if name == "break":
        return replace(section, name=name, energy=min(section.energy, BREAK_ENERGY))
    return replace(section, name=name, theme=theme, energy=PEAK_ENERGY)


def _with_energy_slope(sections: Sequence[PlannedSection], *, falls: bool, outro: str) -> list[PlannedSection]:
    """Let the energies fall, or rise up to the requested peak or the last section before the outro."""
    size = 4 if sum(section.bars for section in sections) < 40 else 8
    sections = [
        part for section in sections for part in ([section] if section.name == outro else _split_section(section, size))
    ]
    if falls:
        return _map_by_position(sections, lambda section, share: replace(section, energy=0.9 - 0.68 * share))
    peaks = [index for index, section in enumerate(sections) if section.energy == PEAK_ENERGY]
    last = len(sections) - (sections[-1].name == outro and len(sections) > 1)
    until, top = (peaks[0], NON_PEAK_ENERGY) if peaks else (last, PEAK_ENERGY)
    energies = [0.2 + (top - 0.2) * (index + 1) / max(1, until) for index in range(until)]
    return [
        replace(section, energy=energies[index]) if index < until else section for index, section in enumerate(sections)
    ]


def _with_rising_energies(sections: Sequence[PlannedSection], *, falls: bool) -> list[PlannedSection]:
    """Let the energies of requested sections rise, up to the first drop, or fall steadily; requested energies stay."""
    drops = [index for index, section in enumerate(sections) if section.name == "drop"]
    if drops and not falls:
        return [
            replace(section, energy=0.25 + (PEAK_ENERGY - 0.25) * index / max(1, drops[0]))
            if index <= drops[0]
            else section
            for index, section in enumerate(sections)
        ]
    step = (PEAK_ENERGY - 0.25) / (len(sections) - 1)
    energies = [0.25 + step * index for index in range(len(sections))]
    return [
        section if section.requested and section.requested.energy is not None else replace(section, energy=energy)
        for section, energy in zip(sections, reversed(energies) if falls else energies, strict=True)
    ]


def _split_section(section: PlannedSection, size: int) -> list[PlannedSection]:
    """Split a section into parts of ``size`` bars. The last part is up to twice as long."""
    count = max(1, section.bars // size)
    last = replace(section, bars=section.bars - size * (count - 1))
    return [*(replace(section, bars=size) for _ in range(count - 1)), last]


def _with_requested_start(sections: list[PlannedSection], request: FormRequest) -> list[PlannedSection]:
    if not sections or request.start is None:
        return sections
    if request.start == "loud":
        return [replace(sections[0], energy=max(0.8, sections[0].energy)), *sections[1:]]
    if len(sections) == 1:
        sections = _split_at(sections, max(1, sections[0].bars // 4))
    first = replace(sections[0], energy=min(0.2, sections[0].energy))
    is_long = sum(section.bars for section in sections) >= 24 and len(sections) > 3
    if is_long and sections[1].energy != PEAK_ENERGY:
        return [first, replace(sections[1], energy=min(0.42, sections[1].energy)), *sections[2:]]
    return [first, *sections[1:]]


def _with_requested_end(sections: list[PlannedSection], request: FormRequest) -> list[PlannedSection]:
    if not sections or request.end not in {"quiet", "loud"}:
        return sections
    energy = min(0.22, sections[-1].energy) if request.end == "quiet" else max(PEAK_ENERGY - 0.02, sections[-1].energy)
    return [*sections[:-1], replace(sections[-1], energy=energy)]
