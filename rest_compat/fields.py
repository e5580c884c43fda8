"""Field types that several response models share, with their descriptions, constraints and examples."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar, cast

from pydantic import ConfigDict, Field, WithJsonSchema, with_config
from typing_extensions import TypedDict

from core.ids import Kind
from core.jobs import Mode
from core.licence import COMMERCIAL, LicenceClass

Schema = Mapping[str, Any]
Model = TypeVar("Model", bound=type[Any])
Content = TypeVar("Content")
Value = TypeVar("Value")

EXAMPLE_TIME: Final = "2026-06-28T10:30:00Z"
EXAMPLE_URL: Final = "https://music.example.org/media/ab/abcdef.mp3?expires=1782643500&signature=0123"
EXAMPLE_TOKEN: Final = "shr_0123456789abcdef0123456789abcdef"  # noqa: S105  an example, no secret

NULL: Final = {"type": "null"}
STRING: Final = {"type": "string"}


def doc(description: str, *examples: object, **constraints: Any) -> Any:  # noqa: ANN401  pydantic's own types
    """Describe a field in the OpenAPI document. Constraints are those of ``pydantic.Field``; nothing enforces them."""
    if examples:
        constraints["examples"] = list(examples)
    return Field(description=description, **constraints)


def rules(*schemas: Any) -> Callable[[Model], Model]:  # noqa: ANN401  JSON
    """Add JSON Schemas that apply to the whole object."""
    return with_config(ConfigDict(json_schema_extra={"allOf": list(schemas)}))


def rule(name: str, value: object, then: Mapping[str, Schema], otherwise: Mapping[str, Schema] | None = None) -> Schema:
    """Return a schema of an object's other properties that depends on whether property ``name`` has this value."""
    condition = {"properties": {name: {"const": value}}, "required": [name]}
    schema: dict[str, Schema] = {"if": condition, "then": {"properties": then}}
    return {**schema, "else": {"properties": otherwise}} if otherwise else schema


def from_row(model: type[Content], row: object, **values: object) -> Content:
    """Build a typed dict of these values; its other fields are the attributes of the row with the same names."""
    content = {name: values[name] if name in values else getattr(row, name) for name in model.__annotations__}
    return cast("Content", content)


def example_id(kind: Kind) -> str:
    return f"{kind.value}_0123456789abcdef01234567"


def _id(kind: Kind, noun: str) -> Any:  # noqa: ANN401  pydantic's FieldInfo
    return doc(f"ID of the {noun}.", example_id(kind), pattern=f"^{kind.value}_[0-9a-f]{{12,64}}$")


EXAMPLE_TRACK_ID: Final = example_id(Kind.TRACK)

GenerationId = Annotated[str, _id(Kind.GENERATION, "generation")]
TrackId = Annotated[str, _id(Kind.TRACK, "track")]
LibraryEntryId = Annotated[str, _id(Kind.LIBRARY_ENTRY, "library entry")]
CollectionId = Annotated[str, _id(Kind.COLLECTION, "collection")]
FocusSessionId = Annotated[str, _id(Kind.FOCUS_SESSION, "focus session")]
ShareLinkId = Annotated[str, _id(Kind.SHARE_LINK, "share link")]
OrganizationId = Annotated[str, _id(Kind.ORGANIZATION, "organization")]

Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern="^https?://", json_schema_extra={"format": "uri"}, examples=[EXAMPLE_URL])]
_TIME_PATTERN: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
Timestamp = Annotated[
    datetime,
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _TIME_PATTERN, "examples": [EXAMPLE_TIME]}),
]
"""``JsonResponse`` writes times in UTC, in whole seconds."""
AlwaysTrue = Annotated[Literal[True], doc("Always `true`.")]
Detail = Annotated[Value, doc("The result, for display.")]


class Confirmation(TypedDict):
    """The confirmation of a change; subclasses add ``id`` and ``detail``."""

    success: AlwaysTrue


EngineKey = Annotated[Text, doc("Key of the engine that rendered the track.", "studio")]
EngineVersion = Annotated[Text, doc("Version of the engine that rendered the track.", "1.2")]
Title = Annotated[Text | None, doc("Title of the track, or null if it has none.", "Night Desk")]
TrackMode = Annotated[Mode, doc("`creation` for one complete track, `focus` for chained segments.")]
Chf = Annotated[float, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0)]
Duration = Annotated[Seconds | None, doc("Measured duration in seconds, or null if it is unknown.", 120.4)]
Instrumental = Annotated[bool, doc("Whether the track has no vocals.", True)]
PLAYBACK_URL: Final = "Signed URL of the audio, valid for a few minutes. Supports `Range` and `HEAD`."
PlaybackUrl = Annotated[Url, doc(PLAYBACK_URL)]

LicenceClassField = Annotated[LicenceClass, doc("Permitted use of the music.")]
LicenceVersion = Annotated[
    Text, doc("Version of the licence text, such as `2026-11`.", "2026-11", pattern="^[0-9]{4}-[0-9]{2}$")
]
CommercialUse = Annotated[bool, doc("Whether the licence permits commercial use.", True)]
RequiresAttribution = Annotated[bool, doc("Whether the licence requires attribution.", False)]


class Licence(TypedDict):
    """A licence as it was when the track was created."""

    licence_class: LicenceClassField
    licence_version: LicenceVersion
    commercial_use: CommercialUse
    requires_attribution: RequiresAttribution


COMMERCIAL_USE_RULE: Final = {
    "if": {"properties": {"licence_class": {"enum": sorted(COMMERCIAL)}}},
    "else": {"properties": {"commercial_use": {"const": False}}},
}
"""Only the commercial licence classes permit commercial use."""

Limit = Annotated[int, doc("The `limit` of the request.", 50, ge=1)]
Offset = Annotated[int, doc("The `offset` of the request.", 0, ge=0)]
