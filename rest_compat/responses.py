"""JSON answers."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response


def add_headers(response: Response, headers: Mapping[str, str]) -> None:
    """Headers that nothing has said before: `headers.update` would look for each among all others."""
    encoded = ((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())
    response.raw_headers.extend(encoded)


class JsonResponse(Response):
    """JSON by orjson: UTF-8, no spaces."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body."""
        return orjson.dumps(content)


class RawJsonResponse(Response):
    """JSON that is text already."""

    media_type = "application/json"
