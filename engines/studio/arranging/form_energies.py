"""Shapes the energies of the sections of a form: an arch, a slope, a rise, and a requested start and end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from engines.studio.arranging.form_highlights import NON_PEAK_ENERGY, PEAK_ENERGY, split_at
from engines.studio.arranging.planned_section import PlannedSection
from engines.studio.model.form_request import FormRequest

PEAK_POSITION: Final = 0.75
"""The position of the energy peak if the request names none, as a share of the length."""


def _map_by_position(
    sections: Sequence[PlannedSection], change: Callable[[PlannedSection, float], PlannedSection]
) -> list[PlannedSection]:
    """Apply a change to every section. It receives the section and the position of its middle as a share, 0 to 1."""
    total, start, result = max(1, sum(section.bars for section in sections)), 0, []
    for section in sections:
        result.append(change(section, (start + section.bars / 2) / total))
        start += section.bars
    return result


def with_energy_arch(sections: Sequence[PlannedSection]) -> list[PlannedSection]:
    """Raise the energies towards PEAK_POSITION, so that repeated sections of a long track do not sound alike."""
    height = 0.10 * min(1.0, len(sections) / 6)

    def raise_energy(section: PlannedSection, share: float) -> PlannedSection:
        closeness = 1.0 - abs(share - PEAK_POSITION) / PEAK_POSITION
        return replace(section, energy=min(1.0, section.energy + height * closeness))

    return _map_by_position(sections, raise_energy)


def with_energy_slope(sections: Sequence[PlannedSection], *, falls: bool, outro: str) -> list[PlannedSection]:
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


def with_rising_energies(sections: Sequence[PlannedSection], *, falls: bool) -> list[PlannedSection]:
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


def with_requested_start(sections: list[PlannedSection], request: FormRequest) -> list[PlannedSection]:
    if not sections or request.start is None:
        return sections
    if request.start == "loud":
        return [replace(sections[0], energy=max(0.8, sections[0].energy)), *sections[1:]]
    if len(sections) == 1:
        sections = split_at(sections, max(1, sections[0].bars // 4))
    first = replace(sections[0], energy=min(0.2, sections[0].energy))
    is_long = sum(section.bars for section in sections) >= 24 and len(sections) > 3
    if is_long and sections[1].energy != PEAK_ENERGY:
        return [first, replace(sections[1], energy=min(0.42, sections[1].energy)), *sections[2:]]
    return [first, *sections[1:]]


def with_requested_end(sections: list[PlannedSection], request: FormRequest) -> list[PlannedSection]:
    if not sections or request.end not in {"quiet", "loud"}:
        return sections
    energy = min(0.22, sections[-1].energy) if request.end == "quiet" else max(PEAK_ENERGY - 0.02, sections[-1].energy)
    return [*sections[:-1], replace(sections[-1], energy=energy)]
