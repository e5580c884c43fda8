"""The two workloads: their REST and GraphQL requests, and the records that responses must contain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from benchmarks.api import dataset
from benchmarks.api.dataset import ApiUser, Dataset

PAGE: Final = 50
MAX_REQUESTS: Final = 2_000

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

_JOB_FIELDS: Final = ("id", "status", "progress", "engine", "mode", "createdAt")
_JOB_TRACK_FIELDS: Final = ("id", "title", "engine", "mode", "instrumental", "measuredDurationSeconds")
_TRACK_FIELDS: Final = (*_JOB_TRACK_FIELDS, "createdAt")
"""Fields that are compared: times in whole seconds, enumeration values in lower case."""

Records = list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload: its requests for a row or for the library of the row's owner, and the records of a response."""

    name: str
    build_request: Callable[[Dataset, int], str]
    read_response: Callable[[Mapping[str, Any]], Records]

    def build_requests(self, data: Dataset) -> list[str]:
        """Return requests for many different rows, so that caches do not help."""
        return [self.build_request(data, number) for number in data.sample_rows(min(MAX_REQUESTS, data.rows))]


def expected_ids(data: Dataset, workload: str, number: int) -> list[str]:
    """Return the ids at the start of a response: the job, or the newest tracks of its owner."""
    if workload == "A":
        return [dataset.generation_id(number)]
    owner = data.owner(number)
    owned = [other for other in range(data.rows, 0, -1) if data.owner(other) == owner]
    return [dataset.track_id(other) for other in owned[:PAGE]]


def _get(user: ApiUser, path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {user.key}\r\nAccept: */*\r\n\r\n"


def _post(user: ApiUser, query: str, variables: Mapping[str, object]) -> str:
    body = orjson.dumps({"query": query, "variables": variables}).decode()
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {user.key}\r\nAccept: */*\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"


def _rest_job(data: Dataset, number: int) -> str:
    owner = data.owner(number)
    return _get(owner, f"/v1/music/{owner.organization_id}/generations/{dataset.generation_id(number)}")


def _rest_tracks(data: Dataset, number: int) -> str:
    owner = data.owner(number)
    return _get(owner, f"/v1/music/{owner.organization_id}/tracks?limit={PAGE}")


def _graphql_job(data: Dataset, number: int) -> str:
    owner = data.owner(number)
    return _post(owner, _JOB, {"org": owner.organization_id, "id": dataset.generation_id(number)})


def _graphql_library(data: Dataset, number: int) -> str:
    owner = data.owner(number)
    return _post(owner, _LIBRARY, {"org": owner.organization_id, "first": PAGE})


def _select(source: Mapping[str, Any], names: tuple[str, ...]) -> tuple[object, ...]:
    normalized = {name.replace("_", "").lower(): value for name, value in source.items()}
    return tuple(_normalize(normalized[name.lower()]) for name in names)


def _normalize(value: object) -> object:
    """Unify the format of timestamps and enumeration values, which differs between servers."""
    if not isinstance(value, str):
        return value
    if value[:4].isdigit():
        return value.lower()[:19]
    return value.lower() if value.isupper() else value


def _job_records(job: Mapping[str, Any]) -> Records:
    return [_select(job, _JOB_FIELDS), _select(job["track"], _JOB_TRACK_FIELDS)]


def _graphql_library_records(body: Mapping[str, Any]) -> Records:
    edges = body["data"]["organization"]["library"]["edges"]
    return [_select(edge["node"]["track"], _TRACK_FIELDS) for edge in edges]


REST: Final = (
    Workload("A", _rest_job, _job_records),
    Workload("B", _rest_tracks, lambda body: [_select(track, _TRACK_FIELDS) for track in body["items"]]),
)
GRAPHQL: Final = (
    Workload("A", _graphql_job, lambda body: _job_records(body["data"]["organization"]["generation"])),
    Workload("B", _graphql_library, _graphql_library_records),
)
