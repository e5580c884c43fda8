"""Parsing of requests: queries and JSON bodies."""

import codecs
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Final, TypeVar, cast

import orjson
from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.errors import InvalidInput, Problem
from core.formats import DEFAULT_FORMAT, Format
from core.jobs import Mode, Status
from resolvers.access import validation
from resolvers.access.validation import Unvalidated
from rest_compat.fields import doc

Query = TypeVar("Query")
Command = TypeVar("Command")

_POSTGRES_INTEGER: Final = 2**31 - 1
_MAX_DIGITS: Final = 20
MAX_VALUES: Final = 50_000
"""Commas, arrays and objects in a JSON text; the longest order of a collection has 10 000."""
_CHECKED_BYTES: Final = 16_384
_MAX_CACHED_QUERY: Final = 128
"""Bytes of the longest query whose values are kept."""


def _integer(value: Any) -> Any:  # noqa: ANN401  any value of a query
    if isinstance(value, str):
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(value) <= _MAX_DIGITS):
            raise validation.rule_error("Must be an integer.")
    return value


_LIMIT: Final = doc("Maximum number of items.")
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_integer), _LIMIT]
Offset = Annotated[int, Field(ge=0, le=_POSTGRES_INTEGER), BeforeValidator(_integer), doc("Number of items to skip.")]


@dataclass(frozen=True, slots=True)
class GenerationsQuery:
    status: Annotated[Status | None, doc("Only jobs with this status.")] = None
    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class TracksQuery:
    mode: Annotated[Mode | None, doc("Only tracks of this mode.")] = None
    engine: Annotated[Annotated[str, validation.Text(0, 255)] | None, doc("Only tracks of this engine.")] = None
    collection_id: Annotated[str | None, doc("Only tracks of this collection, which must be yours.")] = None
    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class DownloadQuery:
    format: Annotated[
        Format,
        doc(
            "`mp3` is the master, `flac` and `wav` are lossless, `stems` is a ZIP of all stems, `stem` is one stem, "
            "`midi` is the score as performed, `musicxml` the score as written, `waveform` contains the peaks, "
            "`cover` is the cover image."
        ),
    ] = DEFAULT_FORMAT
    part: Annotated[
        Annotated[str, validation.Text(1, 64)] | None,
        doc("Name of the stem for the format `stem`: drums, bass, harmony, melody or texture."),
    ] = None


@dataclass(frozen=True, slots=True)
class SharedFileQuery:
    track: Annotated[str | None, doc("ID of a track of the shared collection; by default its first one.")] = None


@dataclass(frozen=True, slots=True)
class CollectionsQuery:
    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class ReferenceAudiosQuery:
    limit: Limit = 50
    offset: Offset = 0


@dataclass(frozen=True, slots=True)
class CollectionTracksQuery:
    limit: Annotated[int, Field(ge=1, le=500), BeforeValidator(_integer), _LIMIT] = 200
    offset: Offset = 0


def query(request: Request, kind: type[Query]) -> Query:
    """Parse the query; unknown parameters are ignored. Raises InvalidInput."""
    encoded: bytes = request.scope["query_string"]
    # a client may choose any text: long ones are not kept
    parse = _parse_query_once if len(encoded) <= _MAX_CACHED_QUERY else _parse_query
    return cast("Query", parse(encoded, kind))


def _parse_query(encoded: bytes, kind: type[object]) -> object:
    names = kind.__dataclass_fields__  # type: ignore[attr-defined]  # the kinds are dataclasses
    fields = {name: text for name, text in QueryParams(encoded).items() if name in names}
    return Unvalidated(kind, fields, keeps_empty=True).validate()


_parse_query_once: Final = cast("Callable[[bytes, type[object]], object]", lru_cache(maxsize=256)(_parse_query))
"""Most clients repeat a few queries. The values are immutable, and errors are not kept."""


class TooManyValuesError(ValueError):
    """A JSON text has more values than any valid request."""


def load_json(content: bytes) -> Any:  # noqa: ANN401  JSON
    """Parse JSON in UTF-8; a byte order mark before it is ignored (RFC 8259, section 8.1).

    Raises JSONDecodeError, TooManyValuesError: 300 000 empty arrays, which fit into a body, would take 250 ms.
    """
    text = content.removeprefix(codecs.BOM_UTF8)
    # also counts those in strings, which no valid request has that many of
    if text.count(b",") + text.count(b"[") + text.count(b"{") > MAX_VALUES:
        _check_beginning(text[:_CHECKED_BYTES])
        raise TooManyValuesError(f"JSON has more than {MAX_VALUES} values")
    return orjson.loads(text)


def _check_beginning(text: bytes) -> None:
    """Raise JSONDecodeError if a text that was cut off here is not JSON, or is nested too deeply."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if error.pos < len(text):
            raise


async def body(request: Request, command: type[Command], *, is_required: bool = True) -> Unvalidated[Command]:
    """Parse a JSON body as the fields of a command; an empty optional body has none.

    Raises HTTPException 400, 413 and 415, InvalidInput for JSON that is not an object.
    """
    content = await request.body()
    if not (content or is_required):
        return Unvalidated(command, {})
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise HTTPException(415, "Content-Type must be application/json")
    try:
        fields = load_json(content)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"Body is not valid JSON: {error.msg} at byte {error.pos}") from None
    except TooManyValuesError as error:
        raise HTTPException(413, str(error)) from None
    if not isinstance(fields, dict):
        raise InvalidInput([Problem((), "The body must be a JSON object.")])
    return Unvalidated(command, fields)
