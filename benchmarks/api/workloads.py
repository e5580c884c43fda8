"""The two works, as each contestant is asked for them, and what an answer must say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from benchmarks.api import dataset
from benchmarks.api.dataset import ApiUser, Dataset

PAGE: Final = 50
SAMPLE: Final = 2_000

_JOB: Final = """
query Job($org: ID!, $id: ID!) { organization(id: $org) { generation(id: $id) {
  id status progress engine mode createdAt track { id title engine mode instrumental measuredDurationSeconds }
} } }
"""
_LIBRARY: Final = """
query Library($org: ID!, $first: Int!) { organization(id: $org) { library(first: $first) {
  edges { cursor node { track {
    id title engine mode measuredDurationSeconds instrumental tempoBpm key createdAt
  } } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
} } }
"""

_OF_JOB: Final = ("id", "status", "progress", "engine", "mode", "createdAt")
_OF_ITS_TRACK: Final = ("id", "title", "engine", "mode", "instrumental", "measuredDurationSeconds")
_OF_TRACK: Final = (*_OF_ITS_TRACK, "createdAt")
"""What every contestant tells; times to the second, closed sets in small letters."""

Records = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Workload:
    """How to ask for a row of this number or for its owner's library, and how to read the answer."""

    name: str
    build_request: Callable[[Dataset, int], str]
    read_response: Callable[[Mapping[str, Any]], Records]

    def build_requests(self, world: Dataset) -> list[str]:
        """Enough different ones that nobody's memory helps."""
        return [self.build_request(world, number) for number in world.sample_rows(min(SAMPLE, world.rows))]


def expected_ids(world: Dataset, work: str, number: int) -> list[str]:
    """The ids that an answer begins with, or all of them: the job, or the newest tracks of its owner."""
    if work == "A":
        return [dataset.generation_id(number)]
    owner = world.owner(number)
    mine = [other for other in range(world.rows, 0, -1) if world.owner(other) == owner]
    return [dataset.track_id(other) for other in mine[:PAGE]]


def _get(person: ApiUser, path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {person.key}\r\nAccept: */*\r\n\r\n"


def _post(person: ApiUser, query: str, variables: Mapping[str, object]) -> str:
    body = orjson.dumps({"query": query, "variables": variables}).decode()
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {person.key}\r\nAccept: */*\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def _rest_job(world: Dataset, number: int) -> str:
    owner = world.owner(number)
    return _get(owner, f"/v1/music/{owner.organization_id}/generations/{dataset.generation_id(number)}")


def _rest_tracks(world: Dataset, number: int) -> str:
    owner = world.owner(number)
    return _get(owner, f"/v1/music/{owner.organization_id}/tracks?limit={PAGE}")


def _graphql_job(world: Dataset, number: int) -> str:
    owner = world.owner(number)
    return _post(owner, _JOB, {"org": owner.organization_id, "id": dataset.generation_id(number)})


def _graphql_library(world: Dataset, number: int) -> str:
    owner = world.owner(number)
    return _post(owner, _LIBRARY, {"org": owner.organization_id, "first": PAGE})


def _told(source: Mapping[str, Any], names: tuple[str, ...]) -> tuple[object, ...]:
    plain = {name.replace("_", "").lower(): value for name, value in source.items()}
    return tuple(_same(plain[name.lower()]) for name in names)


def _same(value: object) -> object:
    """One writing for what servers write differently."""
    return value.lower()[:19] if isinstance(value, str) and value[:4].isdigit() else _small(value)


def _small(value: object) -> object:
    return value.lower() if isinstance(value, str) and value.isupper() else value


def _job_facts(job: Mapping[str, Any]) -> Records:
    return [_told(job, _OF_JOB), _told(job["track"], _OF_ITS_TRACK)]


def _graphql_library_facts(body: Mapping[str, Any]) -> Records:
    edges = body["data"]["organization"]["library"]["edges"]
    return [_told(edge["node"]["track"], _OF_TRACK) for edge in edges]


REST: Final = (
    Workload("A", _rest_job, _job_facts),
    Workload("B", _rest_tracks, lambda body: [_told(track, _OF_TRACK) for track in body["items"]]),
)
GRAPHQL: Final = (
    Workload("A", _graphql_job, lambda body: _job_facts(body["data"]["organization"]["generation"])),
    Workload("B", _graphql_library, _graphql_library_facts),
)
