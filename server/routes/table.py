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

    The routes that it tries for a path are those with as many segments, in the router's order.
    """

    def __init__(self, router: Router) -> None:
        self._router = router
        self._by_slashes = [_with_slashes(router.routes, number) for number in range(_MAX_SLASHES)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the endpoint of the request."""
        if scope["type"] == "http" and not scope.get("root_path"):
            slashes = scope["path"].count("/")
            for route in self._by_slashes[slashes] if slashes < _MAX_SLASHES else ():
                match, child_scope = route.matches(scope)
                if match is Match.FULL:
                    scope["router"], scope["route"] = self._router, route
                    scope.update(child_scope)
                    await route.handle(scope, receive, send)
                    return
        await self._router(scope, receive, send)


def _with_slashes(routes: Sequence[BaseRoute], number: int) -> list[BaseRoute]:
    """Return the routes that may match a path with this number of slashes."""
    return [
        route
        for route in routes
        if not isinstance(route, Route)
        or any(isinstance(each, PathConvertor) for each in route.param_convertors.values())
        or route.path.count("/") == number
    ]
