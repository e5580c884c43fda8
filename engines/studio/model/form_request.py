"""The requested form of a track: its beginning, course and end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

DEFAULT_POSITIONS: Final[Mapping[str, float]] = {"drop": 0.5, "climax": 0.75, "break": 0.5}
"""The positions of highlights for which the prompt names none, as shares of the length."""


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A position in a track: ``seconds`` from the start or, if that is None, a ``share`` of its length (0 to 1).

    With ``bars`` the position is after this number of bars. Negative seconds and bars count from the end.
    """

    share: float
    seconds: float | None = None
    bars: float | None = None

    def share_of(self, total: float) -> float:
        """Return the position as a share of a track of ``total`` seconds."""
        return self.share if self.seconds is None else min(0.95, self.seconds_of(total) / total)

    def seconds_of(self, total: float, bar_seconds: float = 2.0) -> float:
        """Return the position in seconds from the start of a track of ``total`` seconds."""
        seconds = self.bars * bar_seconds if self.bars is not None else self.seconds
        if seconds is None:
            return self.share * total
        return seconds if seconds >= 0.0 else max(0.0, total + seconds)


@dataclass(frozen=True, slots=True)
class SectionRequest:
    """A requested section: its ``name`` (intro, verse, prechorus, chorus, bridge, drop, break, solo, outro, part).

    ``energy`` ranges from 0 to 1. ``included`` and ``excluded`` are instruments or stems; with ``is_solo`` only the
    included ones play. ``transformations`` are as in MusicRequest; ``length`` is its length, in seconds or bars.
    None and empty values are left to the style.
    """

    name: str
    energy: float | None = None
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    is_solo: bool = False
    transformations: Mapping[str, float] = field(default_factory=dict)
    length: TimePoint | None = None


class Extent(StrEnum):
    """How a range lies to the section or time that it names."""

    WITHIN = "in"
    FROM = "from"
    UNTIL = "until"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class TrackRange:
    """A range of a track, named by sections or by a time.

    ``ordinal`` is the number of the section among those of its name (1 is the first, -1 the last); None means each of
    them. A range of times ends at ``end``, if there is one. WITHIN a time means around it.
    """

    extent: Extent
    section: str | None = None
    ordinal: int | None = None
    time: TimePoint | None = None
    end: TimePoint | None = None


@dataclass(frozen=True, slots=True)
class ScopedRequest:
    """What a request requires in a range of the track. With ``is_only`` the included instruments play only there."""

    range: TrackRange
    request: SectionRequest
    is_only: bool = False


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A requested form; by default nothing is requested.

    ``highlights`` has the keys of DEFAULT_POSITIONS; ``arc`` is "build" or "fall"; ``start`` and ``end`` are "quiet",
    "loud" or "fade"; ``theme_order`` lists the themes of the body, for example "ABA". ``sections`` are all sections in
    order; ``scoped`` are requirements for a range of the track, and ``absent`` the names of sections that the form does
    not have. ``section_count`` is the number of sections if only that was requested; ``variety`` is "static" (one
    unchanging section) or "through_composed" (no section returns). With ``is_loop`` the end leads back to the
    beginning; with ``is_continuation`` the track follows another one.
    """

    highlights: Mapping[str, TimePoint] = field(default_factory=dict)
    arc: str | None = None
    start: str | None = None
    end: str | None = None
    theme_order: str | None = None
    sections: tuple[SectionRequest, ...] = ()
    scoped: tuple[ScopedRequest, ...] = ()
    absent: tuple[str, ...] = ()
    section_count: int | None = None
    variety: str | None = None
    has_long_intro: bool = False
    has_outro: bool = True
    last_chord: str | None = None
    has_ritardando: bool = False
    is_loop: bool = False
    is_continuation: bool = False

    @property
    def is_default(self) -> bool:
        return self == FormRequest()

    @property
    def has_fade_out(self) -> bool:
        return self.end == "fade" and not self.is_loop

    @property
    def has_fade_in(self) -> bool:
        return self.start == "fade" and not self.is_loop

    @property
    def has_ending(self) -> bool:
        """Whether the track ends with a sustained chord."""
        return not self.is_loop and not self.has_fade_out

    @property
    def has_intro(self) -> bool:
        return self.start != "loud" and not self.is_continuation and "intro" not in self.absent

    def section_requests(self) -> Iterator[SectionRequest]:
        """Yield all requirements for a section or a range."""
        yield from self.sections
        yield from (scoped.request for scoped in self.scoped)


def form_request_of_features(features: Mapping[str, TimePoint | None], theme_order: str | None) -> FormRequest:
    """Build a form request from features of the form, each with its position if the prompt names one.

    The features are the keys of ``Language.forms``. Of features that contradict each other the first applies.
    """
    order = list(features)
    highlights = {
        name: features[name] or TimePoint(share) for name, share in DEFAULT_POSITIONS.items() if name in features
    }
    return FormRequest(
        highlights,
        _first(order, {"build": "build", "fall": "fall"}),
        _first(order, {"quiet_start": "quiet", "loud_start": "loud", "fade_in": "fade"}),
        _first(order, {"fade": "fade", "quiet_end": "quiet", "loud_end": "loud"}),
        theme_order,
        variety=_first(order, {"static": "static", "through_composed": "through_composed"}),
        has_long_intro="long_intro" in features,
        has_outro="no_outro" not in features,
        last_chord=_first(order, {"ring_out": "ring", "cold_end": "cold", "tape_stop": "tape_stop", "tag_end": "tag"}),
        has_ritardando="ritardando" in features,
    )


def _first(order: list[str], meanings: Mapping[str, str]) -> str | None:
    return next((meanings[feature] for feature in order if feature in meanings), None)
