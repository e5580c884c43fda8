"""How an operation is told about: what a noun's module writes down, and the document is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rest_compat.openapi.json_schema import Schema


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter or a request header."""

    name: str
    place: str
    schema: Schema
    description: str
    example: object = None


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body: its component and an example. ``also`` are media types of files that may come instead."""

    component: str
    description: str
    example: Mapping[str, Any]
    is_required: bool = True
    also: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Success:
    """An answer when all goes well. ``headers`` names components of the document, ``also`` other media types."""

    status: int
    description: str
    component: str
    example: Mapping[str, Any]
    headers: Sequence[str] = ()
    also: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """What a 404 says: the path parameter whose id it carries, and the sentence for developers."""

    parameter: str
    system_message: str


@dataclass(frozen=True, slots=True)
class Description:
    """An operation.

    ``refusals`` holds the error codes that it has beyond the usual ones, or means in its own way, with their reasons.
    """

    summary: str
    text: str
    successes: Sequence[Success]
    parameters: Sequence[Parameter] = ()
    body: Body | None = None
    missing: Sequence[Missing] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Noun:
    """Everything about one kind of thing: its objects by component name, its operations by their name."""

    title: str
    text: str
    schemas: Mapping[str, Schema]
    operations: Mapping[str, Description]
