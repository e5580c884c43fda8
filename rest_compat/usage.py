"""The operation of usage: its handler and its response models."""

from typing import Annotated, Any, Final

from typing_extensions import TypedDict

from core.spend_windows import Window
from resolvers.access.context import Context
from resolvers.organizations import spending
from rest_compat import fields
from rest_compat.fields import doc, from_row
from rest_compat.operations import Operation, Tag

TAG: Final = Tag(
    "Usage",
    "Usage is what your music cost. The cost of a job is reserved when the job is accepted, charged when it succeeds, "
    "and released otherwise. Organizations can have a spend cap.",
)


_EXAMPLE_WINDOWS: Final = [
    {
        "window": window,
        "window_start": f"2026-06-{day}T00:00:00Z",
        "resets_at": f"2026-{resets}T00:00:00Z",
        "cost_chf": 1.2,
        "committed_chf": 3.4,
        "limit_chf": limit_chf,
        "by_engine": [{"engine": "studio", "track_count": 6, "cost_chf": 1.2}],
    }
    for window, day, resets, limit_chf in (
        ("day", "28", "06-29", None),
        ("week", "22", "06-29", None),
        ("month", "01", "07-01", 50.0),
    )
]
_EVERY_WINDOW: Final[dict[str, Any]] = {
    "allOf": [{"prefixItems": [{"properties": {"window": {"const": window.value}}} for window in Window]}]
}


class EngineUsage(TypedDict):
    """Your usage of one engine in a window."""

    engine: Annotated[fields.Text, doc("Key of the engine.")]
    track_count: Annotated[int, doc("Number of tracks.", ge=0)]
    cost_chf: Annotated[float, doc("Cost in CHF.", ge=0)]


class UsageWindow(TypedDict):
    """Your usage in the current day, week or month."""

    window: Annotated[Window, doc("Length of the window.")]
    window_start: Annotated[fields.Timestamp, doc("Start: midnight, Monday or the first of the month, in UTC.")]
    resets_at: Annotated[fields.Timestamp, doc("End, at which spending starts from 0 again.")]
    cost_chf: Annotated[float, doc("Your cost in CHF.", ge=0)]
    committed_chf: Annotated[
        float, doc("What counts towards the cap: the cost of all members' finished and unfinished jobs.", ge=0)
    ]
    limit_chf: Annotated[fields.Chf | None, doc("Spend cap of the organization in CHF, or null if there is none.")]
    by_engine: Annotated[list[EngineUsage], doc("Your usage by engine.")]


class Usage(TypedDict):
    """Your usage in each window."""

    organization_id: fields.OrganizationId
    windows: Annotated[
        list[UsageWindow],
        doc(
            "The current day, week and month, in this order.",
            _EXAMPLE_WINDOWS,
            min_length=len(Window),
            max_length=len(Window),
            json_schema_extra=_EVERY_WINDOW,
        ),
    ]


@Operation("get-usage", "GET usage", "Organization.usage")
async def get(ctx: Context, organization_id: str) -> Usage:
    """Retrieve usage.

    The cost is your own; the limit applies to the whole organization.
    """
    windows = [_window(usage) for usage in await spending.list_usage(ctx, organization_id)]
    return {"organization_id": organization_id, "windows": windows}


def _window(usage: spending.Usage) -> UsageWindow:
    return from_row(
        UsageWindow,
        usage,
        window_start=usage.starts_at,
        cost_chf=float(usage.cost_chf),
        committed_chf=float(usage.committed_chf),
        limit_chf=None if usage.limit_chf is None else float(usage.limit_chf),
        by_engine=[from_row(EngineUsage, spent, cost_chf=float(spent.cost_chf)) for spent in usage.by_engine],
    )
