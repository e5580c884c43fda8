"""Language tags of BCP 47 (RFC 5646): a language with optional script, region and variants, such as "pt-BR"."""

import re
from collections.abc import Collection
from typing import Final

MAX_LENGTH: Final = 35
"""The length that RFC 5646 recommends to support (section 4.4.1)."""

_TAG: Final = re.compile(
    r"([a-z]{2,3})(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)",
    re.IGNORECASE | re.ASCII,
)


def normalize(text: str) -> str | None:
    """Return a tag in the usual case, "zh-Hant-TW" for "ZH-hant-tw", or None if the text is none."""
    match = _TAG.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        return None
    language, script, region, variants = (part or "" for part in match.groups())
    return f"{language.lower()}{script[:1]}{script[1:].title()}{region.upper()}{variants.lower()}"


def look_up(tag: str, available: Collection[str]) -> str | None:
    """Return the available tag that serves best: the same or the longest that it begins with (RFC 4647, lookup)."""
    while tag and tag not in available:
        tag = tag.rpartition("-")[0]
    return tag or None
