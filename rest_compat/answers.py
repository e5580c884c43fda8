"""JSON answers."""

import orjson
from starlette.responses import Response


class Json(Response):
    """JSON by orjson: UTF-8, no spaces."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body."""
        return orjson.dumps(content)


class Written(Response):
    """JSON that is text already."""

    media_type = "application/json"
