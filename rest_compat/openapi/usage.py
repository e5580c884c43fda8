"""Section 7 of the contract: usage."""

from typing import Final

from core.ids import Kind
from core.spend_windows import Window
from rest_compat.openapi import json_schema
from rest_compat.openapi.descriptions import Description, Noun, Success

_BY_ENGINE: Final = json_schema.closed(
    "What one engine was used for.",
    {
        "engine": json_schema.text("The engine."),
        "track_count": json_schema.integer("How many tracks it made for you.", minimum=0),
        "cost_chf": json_schema.number("What they cost, in CHF.", minimum=0),
    },
)

_WINDOW: Final = json_schema.closed(
    "What you spent in a window that has not ended.",
    {
        "window": json_schema.member_of(Window, "How long is counted together."),
        "window_start": json_schema.moment("When it began: midnight, Monday or the first of the month, in UTC."),
        "cost_chf": json_schema.number("What you spent in it, in CHF.", minimum=0),
        "limit_chf": json_schema.nullable(
            json_schema.number(
                "What the whole organization may spend in it, in CHF; null if there is no cap.", minimum=0
            )
        ),
        "by_engine": json_schema.array_of(json_schema.ref("EngineUsage"), "The same, engine by engine."),
    },
)

_USAGE: Final = json_schema.closed(
    "What you spent.",
    {
        "organization_id": json_schema.id_of(Kind.ORGANIZATION, "The organization that pays."),
        "windows": {
            **json_schema.array_of(
                json_schema.ref("UsageWindow"), "Always the day, the week and the month, in this order."
            ),
            "minItems": len(Window),
            "maxItems": len(Window),
            "allOf": [{"prefixItems": [{"properties": {"window": {"const": window.value}}} for window in Window]}],
        },
    },
)

_STARTS: Final = {"day": "2026-06-28T00:00:00Z", "week": "2026-06-22T00:00:00Z", "month": "2026-06-01T00:00:00Z"}

_EXAMPLE: Final = {
    "organization_id": json_schema.example_id(Kind.ORGANIZATION),
    "windows": [
        {
            "window": window.value,
            "window_start": _STARTS[window],
            "cost_chf": 1.2,
            "limit_chf": 50.0 if window is Window.MONTH else None,
            "by_engine": [{"engine": "studio", "track_count": 6, "cost_chf": 1.2}],
        }
        for window in Window
    ],
}


def noun() -> Noun:
    """Usage."""
    return Noun(
        "Usage",
        "What your music cost, and how much the organization may spend. A job's cost is reserved when it is accepted, "
        "charged when it succeeds, and released otherwise.",
        {"Usage": _USAGE, "UsageWindow": _WINDOW, "EngineUsage": _BY_ENGINE},
        {
            "get-usage": Description(
                "Look at your usage",
                "The spend is yours, the cap is the whole organization's.",
                [Success(200, "The present day, week and month.", "Usage", _EXAMPLE)],
            )
        },
    )
