"""The closed sets of core, as GraphQL enums with a description on every value."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from core.jobs import Mode, Status
from core.licence import LicenceClass
from core.sharing import Target, Visibility
from core.usage import Window
from storage.tables import Source

Member = TypeVar("Member", bound=Enum)


def _describe(members: type[Member], name: str, description: str, values: Mapping[Member, str]) -> type[Member]:
    described = strawberry.enum(members, name=name, description=description)
    for value in described.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[members(value.value)]
    return described


GenerationStatus = _describe(
    Status,
    "GenerationStatus",
    "Where a generation stands.",
    {
        Status.QUEUED: "Accepted; waits for a worker.",
        Status.RUNNING: "A worker renders it.",
        Status.SUCCEEDED: "Its track exists.",
        Status.FAILED: "Given up; nothing is charged.",
        Status.CANCELLED: "Taken back by the caller; nothing is charged.",
        Status.REFUSED: "Policy said no; nothing is charged.",
    },
)

GenerationMode = _describe(
    Mode,
    "GenerationMode",
    "What a generation makes.",
    {
        Mode.CREATION: "One complete track.",
        Mode.FOCUS: "Chained segments, meant to be joined.",
    },
)

LicenceClassType = _describe(
    LicenceClass,
    "LicenceClass",
    "How far a track may be used.",
    {
        LicenceClass.COMMERCIAL_CLEARED: "Free for commercial use.",
        LicenceClass.COMMERCIAL_ENTERPRISE: "Commercial use under an enterprise agreement.",
        LicenceClass.PERSONAL_ONLY: "Personal use only.",
        LicenceClass.UNCLEAR: "Nobody has cleared it: treat as personal use.",
    },
)

SourceType = _describe(
    Source,
    "LibrarySource",
    "How a track came into a library.",
    {Source.OWN: "Made by you.", Source.SHARED: "Saved from a share link."},
)

VisibilityType = _describe(
    Visibility,
    "ShareVisibility",
    "Who may find a share link.",
    {Visibility.LINK_ONLY: "Who was given it.", Visibility.PUBLIC: "Anybody."},
)

TargetType = _describe(
    Target,
    "ShareTarget",
    "What a share link leads to.",
    {Target.TRACK: "A track.", Target.COLLECTION: "A collection."},
)

WindowType = _describe(
    Window,
    "UsageWindow",
    "How long spending is counted together; windows are aligned in UTC.",
    {Window.DAY: "From midnight.", Window.WEEK: "From Monday.", Window.MONTH: "From the first."},
)
