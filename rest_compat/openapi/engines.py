"""Section 1 of the contract: engines."""

from typing import Final

from rest_compat.openapi import licences, shapes
from rest_compat.openapi.descriptions import Description, Noun, Success

_ENGINE: Final = shapes.closed(
    "Something that makes music, with what it may promise.",
    {
        "engine_key": shapes.text("What a request names it by."),
        "name": shapes.text("Its name for people."),
        "description": shapes.text("What it is, in a sentence."),
        "is_default": shapes.flag("Whether it plays for callers who name none."),
        "max_duration_seconds": shapes.integer("The longest piece it makes.", minimum=1),
        "supports_vocals": shapes.flag("Whether it sings."),
        "supports_lyrics": shapes.flag("Whether it sings a given text."),
        "supports_stems": shapes.flag("Whether its parts can be had one by one."),
        "supports_focus": shapes.flag("Whether it makes segments for focus sessions."),
        "supported_languages": shapes.array_of(shapes.text("A language tag."), "The languages it sings."),
        "cost_chf_per_minute": shapes.number("The price of a minute of music, in CHF.", minimum=0),
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
            "Engines": shapes.closed(
                "Every enabled engine, the default first.",
                {"engines": shapes.array_of(shapes.ref("Engine"), "The engines on offer.")},
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
