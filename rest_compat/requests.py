"""What came in: a JSON object out of a request's body, a page out of its query."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import orjson
from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass
from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.errors import InvalidInput, Problem
from core.formats import DEFAULT_FORMAT, Format
from core.jobs import Mode, Status
from resolvers.access import validation

_POSTGRES_INTEGER: Final = 2**31 - 1


def _integer(value: Any) -> Any:  # noqa: ANN401  whatever the query held
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20):  # noqa: PLR2004
        raise validation.rule_error("Must be an integer.")
    return value


Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_integer)]
Offset = Annotated[int, Field(ge=0, le=_POSTGRES_INTEGER), BeforeValidator(_integer)]


@dataclass(frozen=True, slots=True)
class GenerationsQuery:
    """The query of list-generations."""

    status: Status | None = None
    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class TracksQuery:
    """The query of list-tracks."""

    mode: Mode | None = None
    engine: Annotated[str, validation.Text(0, 255)] | None = None
    collection_id: str | None = None
    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class DownloadQuery:
    """The query of download-track."""

    format: Format = DEFAULT_FORMAT
    part: Annotated[str, validation.Text(1, 64)] | None = None


@dataclass(frozen=True, slots=True)
class CollectionsQuery:
    """The query of list-collections."""

    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class CollectionTracksQuery:
    """The query of list-collection-tracks."""

    limit: Annotated[int, Field(ge=1, le=500), BeforeValidator(_integer)] = 200
    offset: Offset = 0


async def json_object(request: Request) -> dict[str, object]:
    """The body as an object. Raises HTTPException 400 and 415, InvalidInput for other JSON."""
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise HTTPException(415, "Content-Type must be application/json")
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"Body is not valid JSON: {error.msg} at byte {error.pos}") from None
    if not isinstance(body, dict):
        raise InvalidInput([Problem((), "The body must be a JSON object.")])
    return body


async def optional_json_object(request: Request) -> dict[str, object]:
    """As ``json_object``; no body at all is an empty object."""
    return await json_object(request) if await request.body() else {}


def known(query: Mapping[str, str], kind: type[object]) -> dict[str, object]:
    """The parameters that this query has fields for; others are ignored, as the contract says."""
    names = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return {name: value for name, value in query.items() if name in names}
