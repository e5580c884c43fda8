"""GraphQL client of a running installation, for the commands that use its API."""

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from core.settings import Settings
from server.cli import console
from server.cli.up import KEY_FILE
from server.embedded.stack import find_running

OrgOption = Annotated[str | None, typer.Option(help="Organization to bill. Default: your first one.")]
UrlOption = Annotated[str | None, typer.Option(help="URL of the server. Default: the one on this machine.")]
KeyOption = Annotated[str | None, typer.Option(envvar="MUSIC_STUDIO_API_KEY", help="API key.", show_envvar=True)]

_VIEWER: Final = "{ viewer { organizations { id } } }"


@dataclass(frozen=True, slots=True)
class ApiClient:
    url: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    async def execute(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Execute a query or a mutation."""
        transport = HTTPXAsyncTransport(f"{self.url}/graphql", headers=self.headers, timeout=30)
        async with Client(transport=transport) as session:
            data: dict[str, Any] = await session.execute(GraphQLRequest(document, variable_values=variables))
            return data

    async def subscribe(self, document: str, variables: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the events of a subscription until it completes."""
        url = self.url.replace("http", "ws", 1) + "/graphql"
        transport = WebsocketsTransport(
            url, init_payload=self.headers, subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        )
        async with Client(transport=transport) as session:
            async for event in session.subscribe(GraphQLRequest(document, variable_values=variables)):
                yield event

    async def mutate(self, document: str, organization_id: str | None, fields: dict[str, Any]) -> dict[str, Any]:
        """Execute a mutation for an organization, by default the caller's first one, and return ``result.value``.

        If the result is an error, print it and exit.
        """
        if not organization_id:
            organization_id = (await self.execute(_VIEWER))["viewer"]["organizations"][0]["id"]
        data = await self.execute(document, {"input": {**fields, "organizationId": organization_id}})
        payload = data["result"]
        if "value" not in payload:
            problems = [f"{'.'.join(problem['path'])}: {problem['message']}" for problem in payload.get("problems", [])]
            console.fail("; ".join(problems) or payload["message"])
        value: dict[str, Any] = payload["value"]
        return value


def from_options(settings: Settings, url: str | None, key: str | None) -> ApiClient:
    """Return a client for the given server and key, by default those of this installation."""
    running = find_running(settings.data_dir)
    address = url or (running.address if running and running.address else settings.public_url)
    if key is None:
        path = settings.data_dir / "secrets" / KEY_FILE
        key = path.read_text(encoding="utf-8").strip() if os.access(path, os.R_OK) else None
    if key is None:
        console.fail("an API key is required: use --key, or set MUSIC_STUDIO_API_KEY.")
    return ApiClient(address.rstrip("/"), key)


def download(url: str, target: Path) -> Path:
    """Download a file atomically."""
    draft = target.with_name(f".{target.name}.part")
    with httpx.stream("GET", url, timeout=30) as response, draft.open("wb") as file:
        response.raise_for_status()
        for block in response.iter_bytes():
            file.write(block)
    return draft.replace(target)
