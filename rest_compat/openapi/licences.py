"""A licence's facts, the same wherever they are told."""

from typing import Final

from core.licence import COMMERCIAL, LicenceClass
from rest_compat.openapi import json_schema

CLASS: Final = json_schema.member_of(LicenceClass, "How far the music may be used.")
VERSION: Final = json_schema.text("The date of the licence's wording, as `2026-11`.", pattern="^[0-9]{4}-[0-9]{2}$")

USES: Final = {
    "commercial_use": json_schema.flag("Whether the music may be used commercially."),
    "requires_attribution": json_schema.flag("Whether a use must name the source."),
}

RULE: Final = {
    "if": {"properties": {"licence_class": {"enum": sorted(COMMERCIAL)}}},
    "else": {"properties": {"commercial_use": {"const": False}}},
}
"""No class allows commercial use but these."""
