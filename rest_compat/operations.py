"""Operations of the API: a decorator that registers a handler with its route and its documentation."""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import getdoc
from string import Formatter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from resolvers.access.context import Context
from rest_compat import requests
from rest_compat.responses import JsonResponse

Handler = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Tag:
    """A group of operations in the documentation."""

    name: str
    description: str
    operations: list["Operation"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Result:
    """A successful response, by default described by the docstring of its model.

    ``example`` replaces fields of the example that the model's fields form. ``headers`` are names of header components,
    ``media_types`` representations besides JSON.
    """

    model: type[object]
    status: int = 200
    description: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    headers: Sequence[str] = ()
    media_types: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON request body. ``media_types`` are types of files that are accepted instead of JSON.

    ``model`` is None if only a file is accepted.
    """

    model: type[object] | None
    description: str
    example: Mapping[str, Any]
    is_required: bool = True
    media_types: Sequence[str] = ()


@dataclass(slots=True)
class Operation:
    """An operation, used as the decorator of its handler.

    The handler takes the context, the path parameters and, if it names them, ``query``, ``command`` (the body, not yet
    validated) and ``request``. It returns a response, or the content of one with the status of the first result.
    Without ``results``, its return type is the model of the only one. The type of ``query`` describes the parameters.

    The docstring of the handler is its documentation: the first line is the summary, the rest the description. The tag
    is the constant ``TAG`` of its module. ``route`` is method and path; a path without a leading slash is below the
    organization. ``graphql_field`` does the same in GraphQL. ``errors`` describes error codes that are specific to the
    operation. ``not_found`` are the causes of 404 as pairs of parameter and system message, by default one for each
    path parameter. A public operation ignores credentials. An extension is not part of the frozen contract.
    """

    name: str
    route: str
    graphql_field: str
    results: Sequence[Result] = ()
    body: Body | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    not_found: Sequence[tuple[str, str]] | None = None
    is_idempotent: bool = False
    is_public: bool = False
    is_extension: bool = False
    handler: Handler = field(init=False)
    tag: Tag = field(init=False)
    query: type[object] | None = field(init=False)

    def __call__(self, handler: Handler) -> Handler:
        """Register the handler."""
        self.handler = handler
        self.query = handler.__annotations__.get("query")
        self.tag = vars(sys.modules[handler.__module__])["TAG"]
        self.results = self.results or [Result(handler.__annotations__["return"])]
        self.tag.operations.append(self)
        return handler

    async def respond(self, ctx: Context, request: Request) -> Response:
        """Parse a request and call the handler. Raises what they raise."""
        arguments: dict[str, object] = {**request.path_params}
        names = self.handler.__annotations__
        if self.query:
            arguments["query"] = requests.query(request, self.query)
        if "command" in names and self.body and self.body.model:
            arguments["command"] = await requests.body(request, self.body.model, is_required=self.body.is_required)
        if "request" in names:
            arguments["request"] = request
        content = await self.handler(ctx, **arguments)
        return content if isinstance(content, Response) else JsonResponse(content, self.results[0].status)

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def is_change(self) -> bool:
        """Whether the operation changes something of the caller, which viewers may not."""
        return self.method != "GET" and not self.is_public

    @property
    def path(self) -> str:
        path = self.route.partition(" ")[2]
        return path if path.startswith("/") else f"/{{organization_id}}/{path}"

    @property
    def path_parameters(self) -> list[str]:
        return [name for _, name, _, _ in Formatter().parse(self.path) if name]

    @property
    def summary(self) -> str:
        return str(getdoc(self.handler)).partition("\n")[0].removesuffix(".")

    @property
    def description(self) -> str:
        return " ".join(str(getdoc(self.handler)).partition("\n\n")[2].split())
