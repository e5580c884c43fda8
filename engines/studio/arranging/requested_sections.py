"""Plans requested sections: tags ("[Verse]"), sequences, a number, unchanging and through-composed music."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from engines.studio.arranging.planned_section import PlannedSection
from engines.studio.model.form_request import FormRequest, ScopedRequest, SectionRequest
from engines.studio.model.song_form import needed_sections, role_of, song_form
from engines.studio.model.style import Form

SECTION_PLANS: Final[Mapping[str, tuple[str, float, float]]] = {
    "intro": ("A", -0.22, 0.5),
    "verse": ("A", -0.06, 1.0),
    "prechorus": ("C", 0.06, 0.5),
    "chorus": ("B", 0.24, 1.0),
    "bridge": ("C", -0.12, 1.0),
    "drop": ("B", 0.36, 1.0),
    "break": ("A", -0.34, 0.5),
    "solo": ("A", 0.1, 1.0),
    "outro": ("A", -0.2, 0.5),
}
"""Theme, energy relative to the mean of the style's body, and relative length of the sections with a usual role."""
PART_ENERGIES: Final = (-0.1, 0.2, -0.22, 0.3, 0.02, 0.14)
"""Energies of consecutive sections without a role, relative to the mean of the style's body."""
DYNAMIC_ENERGIES: Final[Mapping[str, float]] = {
    "whisper": -0.35, "quiet": -0.25, "sparse": -0.2, "minimal": -0.2, "busy": 0.15, "loud": 0.25, "maximal": 0.35,
}  # fmt: skip
"""The change of a section's energy by its transformations at full strength."""
THEMES: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STATIC_BARS: Final = 4
"""Bars after which unchanging music repeats."""
BARS_PER_PART: Final = 8
"""Bars of a section of through-composed music if its number of sections is open."""
MIN_PARTS, MAX_PARTS = 3, 8
WHOLE_TRACK: Final = 0.9
"""The share of a track from which on a section of a requested length is the whole track ("30 second intro")."""


def is_planned_here(request: FormRequest) -> bool:
    return bool(request.sections or request.section_count or request.variety)


def plan_requested_sections(form: Form, bars: int, request: FormRequest) -> list[PlannedSection]:
    """Plan the sections of a request that names them, their number or their variety.

    If there are fewer bars than sections, the first ones are planned.
    """
    if bars < 1:
        return []
    if request.variety == "static" and not request.sections:
        return _static_sections(form, bars)
    sections = request.sections
    if not sections and request.variety == "through_composed":
        count = request.section_count or max(MIN_PARTS, min(MAX_PARTS, bars // BARS_PER_PART))
        sections = tuple(SectionRequest("part") for _ in range(count))
    if not sections:
        return _with_lengths(_counted_sections(form, request), bars)
    mean = _mean_energy(form)
    by_name = {name: (theme, energy) for name, theme, energy in (*reversed(form.body), form.outro, form.intro)}
    planned, parts = [], 0
    for section in sections:
        theme, energy, _ = SECTION_PLANS.get(section.name, ("A", 0.0, 1.0))
        energy += mean
        name = section.name
        if section.name == "part":
            name, theme = f"part {THEMES[parts % 26]}", THEMES[parts % 26]
            energy = mean + PART_ENERGIES[parts % len(PART_ENERGIES)]
            parts += 1
        elif section.name in by_name:
            theme, energy = by_name[section.name]
        energy = section.energy if section.energy is not None else energy
        dynamic = dynamic_energy(section) if section.energy is None else 0.0
        planned.append(PlannedSection(name, theme, max(0.05, min(1.0, energy + dynamic)), 1, section, energy))
    if request.variety == "through_composed":
        planned = [replace(section, theme=THEMES[index % 26]) for index, section in enumerate(planned)]
    return _with_lengths(planned, bars)


def _mean_energy(form: Form) -> float:
    return sum(part[2] for part in form.body) / len(form.body)


def dynamic_energy(section: SectionRequest) -> float:
    """Return by how much its transformations change the energy of a section."""
    return sum(DYNAMIC_ENERGIES.get(name, 0.0) * strength for name, strength in section.transformations.items())


def _static_sections(form: Form, bars: int) -> list[PlannedSection]:
    """Plan equal sections of STATIC_BARS, or half of it in a short track; the last one may be shorter."""
    energy = max(0.5, _mean_energy(form))
    size = STATIC_BARS if bars >= 3 * STATIC_BARS else STATIC_BARS // 2
    lengths = [*[size] * (bars // size), bars % size]
    return [PlannedSection("loop", "A", energy, length) for length in lengths if length]


def _counted_sections(form: Form, request: FormRequest) -> list[PlannedSection]:
    """Return as many sections as requested: those of the style, with its intro and outro if there are four or more."""
    count = request.section_count or 1
    has_frame = count >= MIN_PARTS + 1 and not request.is_loop
    body = [form.body[index % len(form.body)] for index in range(count - 2 if has_frame else count)]
    rows = [form.intro, *body, form.outro] if has_frame else body
    return [PlannedSection(*row, 1) for row in rows]


def _with_lengths(sections: Sequence[PlannedSection], bars: int) -> list[PlannedSection]:
    """Distribute bars over sections in units of four, two or one bars, fewer to an intro or a break.

    Bars that are left over extend the last section.
    """
    kept = list(sections[:bars])
    weights = [SECTION_PLANS.get(section.name, ("A", 0.0, 1.0))[2] for section in kept]
    unit = next(unit for unit in (4, 2, 1) if bars >= unit * len(kept))
    lengths = [unit] * len(kept)
    for _ in range(bars // unit - len(kept)):
        lengths[min(range(len(kept)), key=lambda index: (lengths[index] / weights[index], index))] += unit
    lengths[-1] += bars - sum(lengths)
    return [replace(section, bars=length) for section, length in zip(kept, lengths, strict=True)]


def without_sections(form: Form, absent: Sequence[str]) -> Form:
    """Return the form of a style without the sections that a request excludes; at least one section remains."""
    body = tuple(section for section in form.body if role_of(section[0]) not in absent)
    return replace(form, body=body) if body else form


def remaining(sections: Sequence[SectionRequest], absent: Sequence[str]) -> tuple[SectionRequest, ...]:
    return tuple(section for section in sections if section.name not in absent)


def song_form_for(request: FormRequest, planned: Sequence[PlannedSection]) -> tuple[SectionRequest, ...]:
    """Return the sections of a song form if scoped requests name sections that are not planned, otherwise none."""
    ranges = (scoped.range for scoped in request.scoped)
    needed = needed_sections([(scope.section, scope.ordinal) for scope in ranges if scope.section])
    roles = [role_of(section.name) for section in planned]
    if all(roles.count(name) >= count for name, count in needed.items()):
        return ()
    return tuple(map(SectionRequest, song_form(needed, request.absent)))


def with_section_lengths(
    sections: list[PlannedSection], scoped: Sequence[ScopedRequest], bar_seconds: float
) -> list[PlannedSection]:
    """Give sections the length that a request names, to the nearest bar; the longest other sections make up for it.

    A section as long as the track is the track itself.
    """
    total = sum(section.bars for section in sections)
    for one in scoped:
        length = one.request.length
        wanted = round(length.seconds_of(0.0, bar_seconds) / bar_seconds) if length else 0
        index = next((i for i, section in enumerate(sections) if role_of(section.name) == one.range.section), None)
        if not wanted or index is None or wanted >= WHOLE_TRACK * total:
            continue
        lengths = [section.bars for section in sections]
        others = [i for i in range(len(lengths)) if i != index]
        while lengths[index] != wanted and others:
            step = 1 if wanted > lengths[index] else -1
            other = max(others, key=lengths.__getitem__)
            if lengths[other] - step < 1:
                break
            lengths[index], lengths[other] = lengths[index] + step, lengths[other] - step
        sections = [replace(section, bars=bars) for section, bars in zip(sections, lengths, strict=True)]
    return sections
