"""Capabilities of an engine: for each field of a request, what the engine does with it.

An engine declares every field, or its declaration does not type-check. Requests with unsupported fields are refused
before they are paid for; the support of the other fields is in the explanation of a request, in its quote and in the
report of its track.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class RequestField(StrEnum):
    """The fields of a request that are for the engine, by their names in `Capabilities`."""

    PROMPT = "prompt"
    DURATION_SECONDS = "duration_seconds"
    INSTRUMENTAL = "instrumental"
    LYRICS = "lyrics"
    LYRICS_LANGUAGE = "lyrics_language"
    SEED_TRACK = "seed_track"
    STYLE_TAGS = "style_tags"
    TITLE = "title"
    SEED = "seed"
    LOOP = "loop"
    TEMPO_BPM = "tempo_bpm"
    KEY = "key"
    METRE = "metre"
    NEGATIVE_PROMPT = "negative_prompt"
    INCLUDE_INSTRUMENTS = "include_instruments"
    EXCLUDE_INSTRUMENTS = "exclude_instruments"
    ONLY_INSTRUMENTS = "only_instruments"
    STRUCTURE = "structure"
    INTENSITY = "intensity"
    DENSITY = "density"
    BRIGHTNESS = "brightness"
    SOURCE = "source"


class Support(StrEnum):
    """What an engine does with a field of a request."""

    HONOURED = "honoured"
    """The music has the requested property, for every value within the range. Exceptions are in the note."""
    APPROXIMATED = "approximated"
    """The engine uses the value, and the music may differ from it."""
    IGNORED = "ignored"
    """The value has no effect on the music."""
    UNSUPPORTED = "unsupported"
    """A request with the field is refused."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What an engine does with a field. ``note`` is a sentence for users, or empty.

    ``minimum`` and ``maximum`` bound a number, in the unit of the field; None means that the general rule of the field
    is the only bound. ``values`` are the allowed values of a text, for the key the allowed modes ("minor") and for the
    language of lyrics those without a region; empty if any text is allowed. The maximum of ``duration_seconds`` is left
    out: it is that of the ``EngineInfo``.
    """

    support: Support
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether a request may have the field."""
        return self.support is not Support.UNSUPPORTED


HONOURED: Final = Capability(Support.HONOURED)
APPROXIMATED: Final = Capability(Support.APPROXIMATED)
IGNORED: Final = Capability(Support.IGNORED)
UNSUPPORTED: Final = Capability(Support.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class FieldSupport:
    """The support of a field that a request has. ``note`` is a sentence for users, or empty."""

    field: RequestField
    support: Support
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an engine does with each field of a request.

    ``prompt`` and ``duration_seconds`` are in every request and must be accepted. ``instrumental`` is music without
    vocals, ``seed_track`` a track to continue, ``loop`` an end that leads into the start. ``source`` is audio that the
    music is made from; its ``values`` are the tasks of ``engines.port.SourceTask``.
    """

    prompt: Capability
    duration_seconds: Capability
    instrumental: Capability
    lyrics: Capability
    lyrics_language: Capability
    seed_track: Capability
    style_tags: Capability
    title: Capability
    seed: Capability
    loop: Capability
    tempo_bpm: Capability
    key: Capability
    metre: Capability
    negative_prompt: Capability
    include_instruments: Capability
    exclude_instruments: Capability
    only_instruments: Capability
    structure: Capability
    intensity: Capability
    density: Capability
    brightness: Capability
    source: Capability

    def __post_init__(self) -> None:
        """Raise ValueError if the engine refuses a field that every request has, or bounds are in the wrong order."""
        for field in (RequestField.PROMPT, RequestField.DURATION_SECONDS):
            if not self[field].is_accepted:
                raise ValueError(f"The field {field} is in every request: an engine cannot declare it unsupported.")
        for field, each in self:
            if each.minimum is not None and each.maximum is not None and each.minimum > each.maximum:
                raise ValueError(f"The minimum of {field} ({each.minimum:g}) is above its maximum ({each.maximum:g}).")

    def __getitem__(self, field: RequestField) -> Capability:
        capability: Capability = getattr(self, field.value)
        return capability

    def __iter__(self) -> Iterator[tuple[RequestField, Capability]]:
        """Yield every field with its capability, in the order of `RequestField`."""
        return ((field, self[field]) for field in RequestField)

    def supports_of(self, fields: Collection[RequestField]) -> tuple[FieldSupport, ...]:
        """Return the support of these fields, in the order of `RequestField`."""
        return tuple(FieldSupport(field, each.support, each.note) for field, each in self if field in fields)

    @classmethod
    def of_prompt_only(cls, min_duration_seconds: float | None = None) -> Self:
        """Return the capabilities of an engine that follows a prompt and a duration roughly, and takes nothing else.

        Adapters declare the fields that their peer takes with `dataclasses.replace`. Titles are kept by the studio.
        """
        duration_seconds = Capability(Support.APPROXIMATED, minimum=min_duration_seconds)
        others = {field.value: UNSUPPORTED for field in RequestField}
        return cls(**others | {"prompt": APPROXIMATED, "duration_seconds": duration_seconds, "title": HONOURED})
