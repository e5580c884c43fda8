"""JSON responses."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response


def add_headers(response: Response, headers: Mapping[str, str]) -> None:
    """Append headers that the response does not have yet: ``headers.update`` would search for each of them."""
    encoded = ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
    response.raw_headers.extend(encoded)


class JsonResponse(Response):
    """A JSON response. Times are in UTC and whole seconds: ``2026-06-28T10:30:00Z``."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return encode(content)


def encode(content: object) -> bytes:
    """Encode as JSON. ``orjson.Fragment`` is JSON already."""
    return orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)
