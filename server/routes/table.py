"""The route table: finds the route of a path without trying all of them."""

from collections.abc import Sequence
from typing import Final

from starlette.convertors import PathConvertor
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Receive, Scope, Send

_MAX_SLASHES: Final = 10
"""Longer paths are left to the router."""


class RouteTable:
    """ASGI application that dispatches to the routes of a router, and leaves to the router what no route serves.

    The routes that it tries for a path are those with as many segments, and the same literal ones, in their order.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._by_slashes = [_Candidates(router.routes, number) for number in range(_MAX_SLASHES)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the endpoint of the request."""
        if scope["type"] == "http" and not scope.get("root_path"):
            segments = scope["path"].split("/")
            slashes = len(segments) - 1
            for route in self._by_slashes[slashes].find(segments) if slashes < _MAX_SLASHES else ():
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    scope["router"], scope["route"] = self._router, route
                    scope.update(child_scope)
                    await route.handle(scope, receive, send)
                    return
        await self._router(scope, receive, send)


class _Candidates:
    """The routes that may match paths with a number of slashes."""

    def __init__(self, routes: Sequence[BaseRoute], slashes: int) -> None:
        self._templates = [(route, _template(route)) for route in routes if _may_match(route, slashes)]
        literals: dict[int, set[str]] = {}
        for _, template in self._templates:
            for position, segment in enumerate(template):
                if segment is not None:
                    literals.setdefault(position, set()).add(segment)
        self._literals = list(literals.items())
        self._found: dict[tuple[str | None, ...], list[BaseRoute]] = {}

    def find(self, segments: Sequence[str]) -> Sequence[BaseRoute]:
        """Return the routes whose literal segments these are."""
        # there are as many keys as combinations of literals, whatever clients send
        key = tuple([segments[at] if segments[at] in known else None for at, known in self._literals])
        if key not in self._found:
            self._found[key] = [
                route
                for route, template in self._templates
                if all(segment in (None, segments[at]) for at, segment in enumerate(template))
            ]
        return self._found[key]


def _may_match(route: BaseRoute, slashes: int) -> bool:
    return not isinstance(route, Route) or _has_path(route) or route.path.count("/") == slashes


def _has_path(route: Route) -> bool:
    """Return whether a parameter of the route matches slashes."""
    return any(isinstance(each, PathConvertor) for each in route.param_convertors.values())


def _template(route: BaseRoute) -> list[str | None]:
    """Return the literal segments of a route, None for one with parameters; empty if it matches several numbers."""
    if not isinstance(route, Route) or _has_path(route):
        return []
    return [None if "{" in segment else segment for segment in route.path.split("/")]
