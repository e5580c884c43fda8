"""What was asked of the form: where it rises, drops or rests, how it starts and ends. Knows nothing of words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from engines.studio.model.style import Form

HINTS: Final = frozenset(
    [
        "build",
        "fall",
        "drop",
        "climax",
        "break",
        "quiet_start",
        "loud_start",
        "quiet_end",
        "loud_end",
        "fade",
        "long_intro",
        "no_outro",
    ]
)
DEFAULT_POSITIONS: Final[Mapping[str, float]] = {"drop": 0.5, "climax": 0.75, "break": 0.5}
"""Where a moment comes when nobody says where."""


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A place in time: a share of the whole (0 to 1), or seconds from the start, which count first."""

    share: float
    seconds: float | None = None

    def share_of(self, total: float) -> float:
        """Its share of a whole of ``total`` seconds."""
        return self.share if self.seconds is None else min(0.95, self.seconds / total)


@dataclass(frozen=True, slots=True)
class FormRequest:
    """The wishes about a form; all of them off by default.

    ``moments`` by "drop", "climax" and "break"; ``arc`` is "build" or "fall"; ``pattern`` like "ABA" names the themes
    of the body; ``is_loop`` means that the end leads back into the beginning, ``goes_on`` that another track leads
    into it.
    """

    moments: Mapping[str, TimePoint] = field(default_factory=dict)
    arc: str | None = None
    start: str | None = None
    end: str | None = None
    theme_order: str | None = None
    has_long_intro: bool = False
    has_outro: bool = True
    is_loop: bool = False
    is_continuation: bool = False

    @property
    def is_default(self) -> bool:
        """Whether nothing was asked."""
        return self == FormRequest()

    @property
    def has_fade_out(self) -> bool:
        """Whether the sound fades out instead of coming to an end."""
        return self.end == "fade" and not self.is_loop

    @property
    def has_ending(self) -> bool:
        """Whether a last chord rings out."""
        return not self.is_loop and not self.has_fade_out

    @property
    def has_intro(self) -> bool:
        """Whether a section leads in."""
        return self.start != "loud" and not self.is_continuation


def form_request_from_hints(hints: Mapping[str, TimePoint | None], pattern: str | None) -> FormRequest:
    """A shape from hints of HINTS, each with the moment that was named for it, if any.

    Of what cannot be together the first named holds: build and fall, quiet and loud.
    """
    order = list(hints)
    moments = {name: hints[name] or TimePoint(usual) for name, usual in DEFAULT_POSITIONS.items() if name in hints}
    return FormRequest(
        moments,
        _first(order, {"build": "build", "fall": "fall"}),
        _first(order, {"quiet_start": "quiet", "loud_start": "loud"}),
        _first(order, {"fade": "fade", "quiet_end": "quiet", "loud_end": "loud"}),
        pattern,
        "long_intro" in hints,
        "no_outro" not in hints,
    )


def _first(order: list[str], meanings: Mapping[str, str]) -> str | None:
    return next((meanings[hint] for hint in order if hint in meanings), None)


@dataclass(frozen=True, slots=True)
class ShapedForm(Form):
    """A style's form with the wishes that form.plan then fulfils."""

    shape: FormRequest = field(default_factory=FormRequest)


def shaped(form: Form, wishes: FormRequest) -> ShapedForm:
    """A form with wishes."""
    return ShapedForm(**{one.name: getattr(form, one.name) for one in fields(Form)}, shape=wishes)
