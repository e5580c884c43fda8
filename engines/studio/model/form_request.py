"""The requested form of a track: its beginning, course and end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DEFAULT_POSITIONS: Final[Mapping[str, float]] = {"drop": 0.5, "climax": 0.75, "break": 0.5}
"""The positions of highlights for which the prompt names none, as shares of the length."""


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A position in a track: ``seconds`` from the start or, if that is None, a ``share`` of its length (0 to 1)."""

    share: float
    seconds: float | None = None

    def share_of(self, total: float) -> float:
        """Return the position as a share of a track of ``total`` seconds."""
        return self.share if self.seconds is None else min(0.95, self.seconds / total)


@dataclass(frozen=True, slots=True)
class SectionRequest:
    """A requested section: its ``name`` (intro, verse, prechorus, chorus, bridge, drop, break, solo, outro, part).

    ``energy`` ranges from 0 to 1. ``included`` and ``excluded`` are instruments or stems; with ``is_solo`` only the
    included ones play. ``transformations`` are as in MusicRequest. None and empty values are left to the style.
    """

    name: str
    energy: float | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    is_solo: bool = False
    transformations: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A requested form; by default nothing is requested.

    ``highlights`` has the keys of DEFAULT_POSITIONS; ``arc`` is "build" or "fall"; ``start`` is "quiet" or "loud";
    ``end`` is "quiet", "loud" or "fade"; ``theme_order`` lists the themes of the body, for example "ABA".
    ``sections`` are all sections in order; ``section_count`` is their number if only that was requested; ``variety`` is
    "static" (one unchanging section) or "through_composed" (no section returns). With ``is_loop`` the end leads back to
    the beginning; with ``is_continuation`` the track follows another one.
    """

    highlights: Mapping[str, TimePoint] = field(default_factory=dict)
    arc: str | None = None
    start: str | None = None
    end: str | None = None
    theme_order: str | None = None
    sections: tuple[SectionRequest, ...] = ()
    section_count: int | None = None
    variety: str | None = None
    has_long_intro: bool = False
    has_outro: bool = True
    is_loop: bool = False
    is_continuation: bool = False

    @property
    def is_default(self) -> bool:
        return self == FormRequest()

    @property
    def has_fade_out(self) -> bool:
        return self.end == "fade" and not self.is_loop

    @property
    def has_ending(self) -> bool:
        """Whether the track ends with a sustained chord."""
        return not self.is_loop and not self.has_fade_out

    @property
    def has_intro(self) -> bool:
        return self.start != "loud" and not self.is_continuation


def form_request_from_hints(hints: Mapping[str, TimePoint | None], theme_order: str | None) -> FormRequest:
    """Build a form request from the hints that a prompt contains, each with its position if the prompt names one.

    The hints are those of ``languages.language``. Of hints that contradict each other the first applies.
    """
    order = list(hints)
    highlights = {name: hints[name] or TimePoint(share) for name, share in DEFAULT_POSITIONS.items() if name in hints}
    return FormRequest(
        highlights,
        _first(order, {"build": "build", "fall": "fall"}),
        _first(order, {"quiet_start": "quiet", "loud_start": "loud"}),
        _first(order, {"fade": "fade", "quiet_end": "quiet", "loud_end": "loud"}),
        theme_order,
        variety=_first(order, {"static": "static", "through_composed": "through_composed"}),
        has_long_intro="long_intro" in hints,
        has_outro="no_outro" not in hints,
    )


def _first(order: list[str], meanings: Mapping[str, str]) -> str | None:
    return next((meanings[hint] for hint in order if hint in meanings), None)
