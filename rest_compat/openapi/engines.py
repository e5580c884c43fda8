"""Section 1 of the contract: engines."""

from typing import Final

from rest_compat.openapi import json_schema, licences
from rest_compat.openapi.descriptions import Description, Noun, Success

_ENGINE: Final = json_schema.closed(
    "Something that makes music, with what it may promise.",
    {
        "engine_key": json_schema.text("What a request names it by."),
        "name": json_schema.text("Its name for people."),
        "description": json_schema.text("What it is, in a sentence."),
        "is_default": json_schema.flag("Whether it plays for callers who name none."),
        "max_duration_seconds": json_schema.integer("The longest piece it makes.", minimum=1),
        "supports_vocals": json_schema.flag("Whether it sings."),
        "supports_lyrics": json_schema.flag("Whether it sings a given text."),
        "supports_stems": json_schema.flag("Whether its parts can be had one by one."),
        "supports_focus": json_schema.flag("Whether it makes segments for focus sessions."),
        "supported_languages": json_schema.array_of(json_schema.text("A language tag."), "The languages it sings."),
        "cost_chf_per_minute": json_schema.number("The price of a minute of music, in CHF.", minimum=0),
        "licence_class": licences.CLASS,
        "licence_version": licences.VERSION,
        **licences.USES,
    },
    allOf=[licences.RULE],
)

_EXAMPLE: Final = {
    "engines": [
        {
            "engine_key": "studio",
            "name": "Studio",
            "description": "Composes, plays, mixes and masters instrumental music.",
            "is_default": True,
            "max_duration_seconds": 600,
            "supports_vocals": False,
            "supports_lyrics": False,
            "supports_stems": True,
            "supports_focus": True,
            "supported_languages": [],
            "cost_chf_per_minute": 0.2,
            "licence_class": "commercial_cleared",
            "licence_version": "2026-11",
            "commercial_use": True,
            "requires_attribution": False,
        }
    ]
}


def noun() -> Noun:
    """Engines."""
    return Noun(
        "Engines",
        "What makes the music. A request names an engine by its key.",
        {
            "Engine": _ENGINE,
            "Engines": json_schema.closed(
                "Every enabled engine, the default first.",
                {"engines": json_schema.array_of(json_schema.ref("Engine"), "The engines on offer.")},
            ),
        },
        {
            "engines": Description(
                "List the engines",
                "Only enabled engines. A field never promises more than the engine and its licence allow.",
                [Success(200, "The engines on offer.", "Engines", _EXAMPLE)],
            )
        },
    )
