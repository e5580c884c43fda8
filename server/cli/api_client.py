"""A running studio, as a command asks it: over its own API, with a key."""

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from core.settings import Settings
from server.cli import console
from server.cli.up import KEY_FILE
from server.embedded.stack import find_running

_VIEWER: Final = "{ viewer { organizations { id } } }"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """A running studio and how to be known there."""

    url: str
    key: str

    @property
    def headers(self) -> dict[str, str]:
        """The credential."""
        return {"X-API-Key": self.key}

    async def execute(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run a query or a mutation."""
        transport = HTTPXAsyncTransport(f"{self.url}/graphql", headers=self.headers, timeout=30)
        async with Client(transport=transport) as session:
            answer: dict[str, Any] = await session.execute(GraphQLRequest(document, variable_values=variables))
            return answer

    async def subscribe(self, document: str, variables: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """Run a subscription to its end."""
        address = self.url.replace("http", "ws", 1) + "/graphql"
        transport = WebsocketsTransport(
            address, init_payload=self.headers, subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL]
        )
        async with Client(transport=transport) as session:
            async for update in session.subscribe(GraphQLRequest(document, variable_values=variables)):
                yield update

    async def resolve_organization(self, named: str | None) -> str:
        """The one that was named, or the caller's first."""
        return named or str((await self.execute(_VIEWER))["viewer"]["organizations"][0]["id"])


def from_options(chosen: Settings, url: str | None, key: str | None) -> ApiClient:
    """The studio that was named, or the one that runs on this machine with its first key."""
    live = find_running(chosen.data_dir)
    address = url or (live.address if live and live.address else chosen.public_url)
    if key is None:
        path = chosen.data_dir / "secrets" / KEY_FILE
        key = path.read_text(encoding="utf-8").strip() if os.access(path, os.R_OK) else None
    if key is None:
        console.fail("an API key is needed: --key, or MUSIC_STUDIO_API_KEY in the environment.")
    return ApiClient(address.rstrip("/"), key)


def unwrap_payload(answer: dict[str, Any], what: str) -> dict[str, Any]:
    """What a mutation made, or the end of the command with what is wrong."""
    if what not in answer:
        problems = [f"{'.'.join(problem['path'])}: {problem['message']}" for problem in answer.get("problems", [])]
        console.fail("; ".join(problems) or answer["message"])
    made: dict[str, Any] = answer[what]
    return made


def download(url: str, target: Path) -> Path:
    """Download beside the target, then put it in place: never half a file."""
    part = target.with_name(f".{target.name}.part")
    with httpx.stream("GET", url, timeout=30) as response, part.open("wb") as file:
        response.raise_for_status()
        for block in response.iter_bytes():
            file.write(block)
    return part.replace(target)
