"""Which sections a piece has, how long and how strong: contrast, return and a crest, or what was wished instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.studio.model.form_request import FormRequest, TimePoint
from engines.studio.model.style import Form

PEAK_ENERGY, NON_PEAK_ENERGY, PRE_DROP_ENERGY, BREAK_ENERGY = 0.95, 0.62, 0.4, 0.22
"""Energies of a moment that was asked for, of what stands beside it, of what leads there, and of a break."""
PEAK_POSITION: Final = 0.75
"""Where a piece of which nothing was asked leans to: the share of its length at which it is strongest."""


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """A section before it has a place: its name, theme, energy, and how many bars it lasts."""

    name: str
    theme: str
    energy: float
    bars: int


def plan_sections(form: Form, bars: int, wishes: FormRequest, seconds: float, whole: float) -> list[PlannedSection]:
    """The legs of a form that fill ``bars``; the piece lasts ``seconds``, which is ``whole`` bars with its ending."""
    legs = (
        _themed_sections(form, bars, wishes)
        if wishes.theme_order and bars >= 2 * len(wishes.theme_order)
        else _default_sections(form, bars, wishes)
    )
    if not wishes.moments and not wishes.arc:
        legs = _with_energy_arch(legs)
    peak = max(form.body, key=lambda part: part[2])
    for name in ("break", "climax", "drop"):
        if name in wishes.moments and bars >= 2:
            legs = _with_highlight(legs, name, _time_point_bar(wishes.moments[name], seconds, whole, bars), peak[1])
    if wishes.arc and legs:
        legs = _with_energy_slope(legs, falls=wishes.arc == "fall", outro=form.outro[0])
    return _with_requested_end(_with_requested_start(legs, wishes), wishes)


def _intro_outro_bars(bars: int, wishes: FormRequest) -> tuple[int, int]:
    """The bars of intro and outro."""
    intro = (4 if bars >= 16 else 2) * (2 if wishes.has_long_intro and bars >= 20 else 1)
    outro = 4 if bars >= 24 else 2
    is_open = wishes.is_loop or not wishes.has_intro
    return 0 if is_open else intro, outro if wishes.has_ending and wishes.has_outro else 0


def _default_sections(form: Form, bars: int, wishes: FormRequest) -> list[PlannedSection]:
    peak = max(form.body, key=lambda part: part[2])
    if bars <= 4:
        return [PlannedSection(*peak, bars)] if bars else []
    if bars < 12:
        return [PlannedSection(*form.body[0], 4), PlannedSection(*peak, bars - 4)]
    intro, outro = _intro_outro_bars(bars, wishes)
    sizes, rest = _body_bars(form, bars - intro - outro)
    parts = [form.body[place % len(form.body)] for place in range(len(sizes) - 1)]
    if parts and parts[-1][0] == peak[0]:
        near = {peak[0], *(part[0] for part in parts[-2:-1])}
        parts[-1] = next((part for part in form.body if part[0] not in near), form.body[0])
    body = [PlannedSection(*part, size) for part, size in zip([*parts, peak], sizes, strict=True)]
    return _with_intro_outro(form, body, intro, outro, rest)


def _body_bars(form: Form, body: int) -> tuple[list[int], int]:
    """The bars of each section of the body, and the bars that are left over."""
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
    """Intro and outro around a body; what is left over goes to them, or else to the last section."""
    early = (rest - rest // 2 if outro else rest) if intro else 0
    late = rest - early if outro else 0
    body[-1] = replace(body[-1], bars=body[-1].bars + rest - early - late)
    first = [PlannedSection(*form.intro, intro + early)] if intro else []
    return [*first, *body, *([PlannedSection(*form.outro, outro + late)] if outro else [])]


def _themed_sections(form: Form, bars: int, wishes: FormRequest) -> list[PlannedSection]:
    """A body whose themes are those of the pattern, framed where there is room."""
    pattern = (wishes.theme_order or "A").upper()
    intro, outro = _intro_outro_bars(bars, wishes) if bars >= 6 * len(pattern) else (0, 0)
    room = bars - intro - outro
    grid = next(grid for grid in (4, 2, 1) if room // len(pattern) >= grid or grid == 1)
    size = room // len(pattern) // grid * grid
    by_theme = {part[1]: part for part in reversed(form.body)}
    contrast = max(form.body, key=lambda part: part[2])
    parts = [by_theme.get(letter, (f"part {letter}", letter, contrast[2] - 0.06)) for letter in pattern]
    body = [PlannedSection(*part, size) for part in parts]
    return _with_intro_outro(form, body, intro, outro, room - size * len(pattern))


def _map_by_position(
    legs: Sequence[PlannedSection], change: Callable[[PlannedSection, float], PlannedSection]
) -> list[PlannedSection]:
    """Every leg changed, given the share of the whole at which its middle lies."""
    total, start, changed = max(1, sum(leg.bars for leg in legs)), 0, []
    for leg in legs:
        changed.append(change(leg, (start + leg.bars / 2) / total))
        start += leg.bars
    return changed


def _with_energy_arch(legs: Sequence[PlannedSection]) -> list[PlannedSection]:
    """Returning sections grow towards the crest, so that a long piece goes somewhere."""
    reach = 0.10 * min(1.0, len(legs) / 6)

    def lifted(leg: PlannedSection, share: float) -> PlannedSection:
        return replace(leg, energy=min(1.0, leg.energy + reach * (1.0 - abs(share - PEAK_POSITION) / PEAK_POSITION)))

    return _map_by_position(legs, lifted)


def _time_point_bar(moment: TimePoint, seconds: float, whole: float, bars: int) -> int:
    """The bar on which a moment falls, on a grid of four, two or one."""
    grid = 4 if bars >= 32 else 2 if bars >= 12 else 1
    return max(1, min(bars - 1, round(moment.share_of(seconds) * whole / grid) * grid))


def _split_at(legs: Sequence[PlannedSection], bar: int) -> list[PlannedSection]:
    """The same legs with an edge at a bar."""
    parted, start = [], 0
    for leg in legs:
        inside = bar - start
        if 0 < inside < leg.bars:
            parted += [replace(leg, bars=inside), replace(leg, bars=leg.bars - inside)]
        else:
            parted.append(leg)
        start += leg.bars
    return parted


def _with_highlight(legs: list[PlannedSection], name: str, bar: int, theme: str) -> list[PlannedSection]:
    """A moment that stands out: what leads there holds back, everything else stays below."""
    bars = sum(leg.bars for leg in legs)
    lead = 0 if name == "break" else min(bar, 4 if bars >= 24 else 2 if bars >= 8 else 1)
    length = max(2, bars // 24 * 4 or 4) if name != "break" else max(1, min(8, bars // 12 * 2))
    for edge in (bar - lead, bar, bar + length):
        legs = _split_at(legs, edge)
    staged, start = [], 0
    for leg in legs:
        if bar <= start < bar + length:
            staged.append(_highlight(leg, name, theme))
        elif bar - lead <= start < bar:
            staged.append(replace(leg, name="build", energy=PRE_DROP_ENERGY if name == "drop" else NON_PEAK_ENERGY))
        else:
            is_rival = name != "break" and leg.energy != PEAK_ENERGY
            staged.append(replace(leg, energy=min(leg.energy, NON_PEAK_ENERGY)) if is_rival else leg)
        start += leg.bars
    return _join_equal(staged)


def _join_equal(legs: Sequence[PlannedSection]) -> list[PlannedSection]:
    """Neighbours that do not differ, as one; nothing longer than 16 bars, but for a moment."""
    joined: list[PlannedSection] = []
    for leg in legs:
        last = joined[-1] if joined else None
        if last and replace(last, bars=leg.bars) == leg and (leg.energy == PEAK_ENERGY or last.bars + leg.bars <= 16):
            joined[-1] = replace(last, bars=last.bars + leg.bars)
        else:
            joined.append(leg)
    return joined


def _highlight(leg: PlannedSection, name: str, theme: str) -> PlannedSection:
    if name == "break":
        return replace(leg, name=name, energy=min(leg.energy, BREAK_ENERGY))
    return replace(leg, name=name, theme=theme, energy=PEAK_ENERGY)


def _with_energy_slope(legs: Sequence[PlannedSection], *, falls: bool, outro: str) -> list[PlannedSection]:
    """Energies that rise to the peak that was asked for, or to the last section before the outro; or that fall."""
    size = 4 if sum(leg.bars for leg in legs) < 40 else 8
    legs = [part for leg in legs for part in ([leg] if leg.name == outro else _split_section(leg, size))]
    if falls:
        return _map_by_position(legs, lambda leg, share: replace(leg, energy=0.9 - 0.68 * share))
    peaks = [place for place, leg in enumerate(legs) if leg.energy == PEAK_ENERGY]
    last = len(legs) - (legs[-1].name == outro and len(legs) > 1)
    until, top = (peaks[0], NON_PEAK_ENERGY) if peaks else (last, PEAK_ENERGY)
    ramp = [0.2 + (top - 0.2) * (place + 1) / max(1, until) for place in range(until)]
    return [replace(leg, energy=ramp[place]) if place < until else leg for place, leg in enumerate(legs)]


def _split_section(leg: PlannedSection, size: int) -> list[PlannedSection]:
    """A leg in parts of ``size`` bars, the last one up to twice as long."""
    count = max(1, leg.bars // size)
    return [replace(leg, bars=size) for _ in range(count - 1)] + [replace(leg, bars=leg.bars - size * (count - 1))]


def _with_requested_start(legs: list[PlannedSection], wishes: FormRequest) -> list[PlannedSection]:
    if not legs or wishes.start is None:
        return legs
    if wishes.start == "loud":
        return [replace(legs[0], energy=max(0.8, legs[0].energy)), *legs[1:]]
    if len(legs) == 1:
        legs = _split_at(legs, max(1, legs[0].bars // 4))
    quieter = [replace(legs[0], energy=min(0.2, legs[0].energy))]
    is_long = sum(leg.bars for leg in legs) >= 24 and len(legs) > 3 and legs[1].energy != PEAK_ENERGY
    return quieter + ([replace(legs[1], energy=min(0.42, legs[1].energy))] if is_long else legs[1:2]) + legs[2:]


def _with_requested_end(legs: list[PlannedSection], wishes: FormRequest) -> list[PlannedSection]:
    if not legs or wishes.end not in {"quiet", "loud"}:
        return legs
    energy = min(0.22, legs[-1].energy) if wishes.end == "quiet" else max(PEAK_ENERGY - 0.02, legs[-1].energy)
    return [*legs[:-1], replace(legs[-1], energy=energy)]
