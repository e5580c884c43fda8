"""The route table dispatches every request like Starlette's router."""

import re
from typing import Any, Final

import pytest
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send

from core.settings import Settings
from server.app import create_app
from server.routes.table import RouteTable

METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT")
OTHERS: Final = (
    *("", "/", "//", "/nothing", "/graphql/", "/v1", "/v1/music/", "/v1/music//tracks", "/media/", "/media/a/b/c/d"),
    *("/studio/", "/v1/music/x/tracks/y/save/z", "/" + "a/" * 30),
)


class Endpoint:
    """An ASGI application that records what it receives."""

    def __init__(self, route: Route | WebSocketRoute) -> None:
        self.route = route

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        assert scope["route"].endpoint is self
        await send({"path": self.route.path, "path_params": scope["path_params"]})


async def dispatch(app: Any, path: str, method: str, kind: str = "http", root_path: str = "") -> Any:  # noqa: ANN401
    """Return the route and the parameters of a request, or its error."""
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401
        sent.append(message)

    async def receive() -> Any:  # noqa: ANN401
        return {"type": "websocket.connect"}

    scope: Scope = {"type": kind, "path": path, "method": method, "root_path": root_path, "headers": [], "app": None}
    try:
        await app(scope, receive, send)
    except HTTPException as error:
        return error.status_code, sorted(str((error.headers or {}).get("Allow")).split(", "))
    return sent


@pytest.fixture
def router(settings: Settings) -> Router:
    """The routes of the application with endpoints that only record."""
    routes: list[Any] = []
    for route in create_app(settings).router.routes:
        if isinstance(route, Route):
            copy: Any = Route(route.path, Endpoint(route), methods=list(route.methods or ()))
        elif isinstance(route, WebSocketRoute):
            copy = WebSocketRoute(route.path, Endpoint(route))
        else:
            copy = route
        routes.append(copy)
    return Router(routes, redirect_slashes=False)


async def test_each_path_and_method_has_the_same_route_as_in_the_router(router: Router) -> None:
    table, paths = RouteTable(router), {re.sub(r"{[^}]*}", "x", getattr(route, "path", "/")) for route in router.routes}
    assert len(paths) > 40
    served = 0
    for path in [*paths, *(f"{path}/" for path in paths), *OTHERS]:
        for method in METHODS:
            expected = await dispatch(router, path, method)
            assert await dispatch(table, path, method) == expected, (method, path)
            served += isinstance(expected, list)
    assert served > len(paths)


async def test_websockets_and_applications_below_a_root_path_are_left_to_the_router(router: Router) -> None:
    table = RouteTable(router)
    assert await dispatch(table, "/graphql", "", "websocket") == await dispatch(router, "/graphql", "", "websocket")
    found = await dispatch(table, "/below/graphql", "POST", root_path="/below")
    assert found == [{"path": "/graphql", "path_params": {}}]


async def test_mounted_applications_are_found(router: Router) -> None:
    async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"path": scope["path"]})

    routes = Router([Mount("/below", mounted), *router.routes])
    assert await dispatch(RouteTable(routes), "/below/a/b/c", "GET") == [{"path": "/below/a/b/c"}]
