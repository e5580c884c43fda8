"""Mixed load of one user: generations, playback, library, collections, share links, focus, GraphQL and bad requests."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

MAX_KEPT: int = 200
"""Tracks that the load keeps; older ones are deleted, so that lists do not grow."""

LIBRARY_QUERY = """query($id: ID!, $first: Int!) { organization(id: $id) {
  library(first: $first) { totalCount edges { node { track { title tempoBpm licence { class } playbackUrl } } } }
  collections(first: 5) { edges { node { name } } } } }"""


@dataclass
class Operation:
    """Responses of one kind of request: status codes with their number, and durations in seconds."""

    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    seconds: list[float] = field(default_factory=list)

    @property
    def server_errors(self) -> int:
        """Responses with 5xx and requests without a response, which count as 599."""
        return sum(count for status, count in self.statuses.items() if status >= httpx.codes.INTERNAL_SERVER_ERROR)


class Load:
    """Runs all kinds of requests at the same time until it is stopped, and counts their responses."""

    def __init__(self, url: str, organization_id: str, key: str) -> None:
        self.operations: dict[str, Operation] = defaultdict(Operation)
        self._url = url
        self._organization_id = organization_id
        self._music = f"/v1/music/{organization_id}"
        self._key = key
        self._random = random.Random(1)  # noqa: S311  a workload, no secret
        self._tracks: list[str] = []

    async def run(self, seconds: float) -> None:
        """Send requests for this long."""
        deadline = time.monotonic() + seconds
        headers = {"X-API-Key": self._key}
        async with httpx.AsyncClient(base_url=self._url, headers=headers, timeout=30) as client:
            workloads = (
                (self._generate, 2.0),
                (self._play, 0.1),
                (self._read_lists, 0.1),
                (self._read_graphql, 0.1),
                (self._edit_collection, 1.0),
                (self._share, 1.0),
                (self._focus, 20.0),
                (self._send_bad_requests, 0.2),
            )
            async with asyncio.TaskGroup() as tasks:
                for workload, pause_seconds in workloads:
                    tasks.create_task(self._repeat(workload, client, pause_seconds, deadline))

    async def _repeat(
        self,
        workload: Callable[[httpx.AsyncClient], Awaitable[None]],
        client: httpx.AsyncClient,
        pause_seconds: float,
        deadline: float,
    ) -> None:
        while time.monotonic() < deadline:
            await workload(client)
            await asyncio.sleep(min(pause_seconds, max(0.0, deadline - time.monotonic())))

    async def _send(
        self,
        client: httpx.AsyncClient,
        name: str,
        method: str,
        path: str,
        **options: Any,  # noqa: ANN401  as httpx
    ) -> httpx.Response | None:
        operation, started_at = self.operations[name], time.perf_counter()
        try:
            response = await client.request(method, path, **options)
        except httpx.TransportError:
            operation.statuses[599] += 1
            return None
        operation.seconds.append(time.perf_counter() - started_at)
        operation.statuses[response.status_code] += 1
        return response if response.is_success else None

    async def _generate(self, client: httpx.AsyncClient) -> None:
        body = {"engine": "studio", "prompt": "warm lofi beat with rhodes", "duration_seconds": 5}
        created = await self._send(client, "create generation", "POST", f"{self._music}/generations", json=body)
        while created is not None:
            await asyncio.sleep(0.5)
            path = f"{self._music}/generations/{created.json()['id']}"
            job = await self._send(client, "poll generation", "GET", path)
            if job is None or job.json()["status"] not in {"queued", "running"}:
                break
        else:
            return
        if job is not None and job.json()["status"] == "succeeded":
            track_id = job.json()["result_track_id"]
            await self._send(client, "save track", "POST", f"{self._music}/tracks/{track_id}/save")
            self._tracks.append(track_id)
            if len(self._tracks) > MAX_KEPT:
                await self._send(client, "delete track", "DELETE", f"{self._music}/tracks/{self._tracks.pop(0)}")

    async def _play(self, client: httpx.AsyncClient) -> None:
        if not self._tracks:
            return
        track = await self._send(client, "get track", "GET", f"{self._music}/tracks/{self._pick()}")
        if track is not None:
            url = track.json()["playback_url"]
            await self._send(client, "play file", "GET", url)
            await self._send(client, "seek in file", "GET", url, headers={"Range": "bytes=1000-20000"})

    async def _read_lists(self, client: httpx.AsyncClient) -> None:
        for name in ("tracks", "generations", "collections", "usage", "engines"):
            await self._send(client, f"list {name}", "GET", f"{self._music}/{name}")

    async def _read_graphql(self, client: httpx.AsyncClient) -> None:
        variables = {"id": self._organization_id, "first": self._random.choice([5, 20, 50])}
        await self._send(
            client, "GraphQL library", "POST", "/graphql", json={"query": LIBRARY_QUERY, "variables": variables}
        )

    async def _edit_collection(self, client: httpx.AsyncClient) -> None:
        collections = f"{self._music}/collections"
        created = await self._send(client, "create collection", "POST", collections, json={"name": "Evening"})
        if created is None:
            return
        path = f"{collections}/{created.json()['id']}"
        for track_id in self._tracks[-3:]:
            await self._send(client, "add to collection", "POST", f"{path}/tracks", json={"track_id": track_id})
        await self._send(client, "delete collection", "DELETE", path)

    async def _share(self, client: httpx.AsyncClient) -> None:
        if not self._tracks:
            return
        link = await self._send(client, "share track", "POST", f"{self._music}/tracks/{self._pick()}/share")
        if link is not None:
            await self._send(client, "open share link", "GET", f"/v1/music/shared/{link.json()['token']}")
            await self._send(client, "revoke share link", "DELETE", f"{self._music}/share/{link.json()['id']}")

    async def _focus(self, client: httpx.AsyncClient) -> None:
        sessions = f"{self._music}/focus/sessions"
        body = {"goal": "focus", "target_minutes": 30}
        started = await self._send(client, "start focus session", "POST", sessions, json=body)
        if started is None:
            return
        path = f"{sessions}/{started.json()['session_id']}"
        for _ in range(5):
            await self._send(client, "poll focus session", "GET", path)
            await asyncio.sleep(1)
        await self._send(client, "end focus session", "POST", f"{path}/end")

    async def _send_bad_requests(self, client: httpx.AsyncClient) -> None:
        await self._send(client, "unknown track", "GET", f"{self._music}/tracks/mtrack_000000000000")
        await self._send(client, "invalid body", "POST", f"{self._music}/generations", content=b"{")
        await self._send(client, "invalid document", "POST", "/graphql", json={"query": "{ nothing }"})
        await self._send(client, "invalid key", "GET", f"{self._music}/usage", headers={"X-API-Key": "ak_none"})

    def _pick(self) -> str:
        return self._random.choice(self._tracks)
