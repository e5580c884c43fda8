"""Inserts the highlights of a form at their positions: a drop, a climax or a break."""

from collections.abc import Sequence
from dataclasses import replace

from engines.studio.arranging.planned_section import PlannedSection
from engines.studio.model.form_request import TimePoint

PEAK_ENERGY, NON_PEAK_ENERGY, PRE_DROP_ENERGY, BREAK_ENERGY = 0.95, 0.62, 0.4, 0.22
"""Energies of a requested drop or climax, of the other sections, of the build-up to a drop, and of a break."""


def time_point_bar(time_point: TimePoint, seconds: float, total_bars: float, bars: int) -> int:
    """Return the bar closest to a time point, a multiple of four, two or one."""
    grid = 4 if bars >= 32 else 2 if bars >= 12 else 1
    return max(1, min(bars - 1, round(time_point.share_of(seconds) * total_bars / grid) * grid))


def split_at(sections: Sequence[PlannedSection], bar: int) -> list[PlannedSection]:
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


def with_highlight(sections: list[PlannedSection], name: str, bar: int, theme: str) -> list[PlannedSection]:
    """Insert a drop, a climax or a break at a bar, with a build-up before it, and lower the energy of the rest."""
    bars = sum(section.bars for section in sections)
    lead = 0 if name == "break" else min(bar, 4 if bars >= 24 else 2 if bars >= 8 else 1)
    length = max(2, bars // 24 * 4 or 4) if name != "break" else max(1, min(8, bars // 12 * 2))
    for edge in (bar - lead, bar, bar + length):
        sections = split_at(sections, edge)
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
