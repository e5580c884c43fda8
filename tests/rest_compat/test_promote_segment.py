"""Save a segment of a focus session."""

from typing import Any

import httpx
import pytest

from core import ids
from core.settings import Settings
from storage.postgres.database import Database
from tests.support.graphql.focus_client import finish_segments, list_generations
from tests.support.rest.client import Contract
from tests.support.rest.focus import start_session
from tests.support.rest.problems import problems
from tests.support.users import Cast, Person


async def promote(rest: Contract, person: Person, session_id: str, index: object, **options: Any) -> httpx.Response:  # noqa: ANN401  httpx's
    path = {"session_id": session_id, "segment_index": str(index)}
    return await rest.call("promote-focus-segment", person, path=path, **options)


async def test_a_ready_segment_is_saved_without_rendering_it_again(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id, 2)
    before = len(await list_generations(database, session_id))
    answer = await promote(rest, cast.ada, session_id, 1)
    assert answer.status_code == 201
    edge = answer.json()
    assert ids.is_a(ids.Kind.LIBRARY_ENTRY, edge["id"])
    assert (edge["source"], edge["saved"]) == ("own", True)
    [track] = (await rest.call("list-tracks", cast.ada)).json()["items"]
    assert (track["id"], track["mode"], track["title"]) == (edge["track_id"], "focus", "Segment 1")
    assert len(await list_generations(database, session_id)) == before


async def test_promoting_again_returns_the_same_entry_and_keeps_the_title(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id)
    first = await promote(rest, cast.ada, session_id, 0, json={"title": " Night Desk "})
    again = await promote(rest, cast.ada, session_id, 0, json={"title": "Another"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    [track] = (await rest.call("list-tracks", cast.ada)).json()["items"]
    assert track["title"] == "Night Desk"


async def test_a_segment_of_an_ended_session_can_be_promoted(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id)
    await rest.call("end-focus-session", cast.ada, path={"session_id": session_id})
    assert (await promote(rest, cast.ada, session_id, 0)).status_code == 201


async def test_a_segment_that_is_not_ready_returns_409(rest: Contract, cast: Cast) -> None:
    session_id = await start_session(rest, cast)
    for index in (0, 29):
        answer = await promote(rest, cast.ada, session_id, index)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


@pytest.mark.parametrize("index", ["30", "-1", "1.0", "one", "٣", "00", "9" * 400])
async def test_a_segment_index_out_of_range_returns_404(rest: Contract, cast: Cast, index: str) -> None:
    answer = await promote(rest, cast.ada, await start_session(rest, cast), index)
    error = answer.json()["error"]
    assert (answer.status_code, error["system_message"]) == (404, "Music focus segment not found")
    assert error["details"] == {"segment_index": index}


async def test_a_deleted_segment_returns_404_and_leaves_the_session(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id, 2)
    track_id = (await promote(rest, cast.ada, session_id, 0)).json()["track_id"]
    await rest.call("delete-track", cast.ada, path={"track_id": track_id})
    assert (await promote(rest, cast.ada, session_id, 0)).status_code == 404
    session = (await rest.call("get-focus-session", cast.ada, path={"session_id": session_id})).json()
    assert [segment["segment_index"] for segment in session["segments"]] == [1]
    assert (session["ready_count"], session["more_pending"]) == (1, True)


async def test_a_foreign_session_returns_404(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id)
    answer = await promote(rest, cast.bea, session_id, 0)
    assert (answer.status_code, answer.json()["error"]["details"]) == (404, {"session_id": session_id})
    assert (await rest.call("list-tracks", cast.bea)).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"title": ""}, ("title", "Must have at least 1 character(s).")),
        ({"title": "x" * 256}, ("title", "Must have at most 255 characters.")),
        ({"title": 5}, ("title", "Must be a string.")),
        ({"name": "x"}, ("name", "Unknown field.")),
    ],
)
async def test_an_invalid_title_returns_422_and_saves_nothing(
    rest: Contract,
    cast: Cast,
    database: Database,
    settings: Settings,
    body: dict[str, object],
    expected: tuple[str, str],
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id)
    assert problems(await promote(rest, cast.ada, session_id, 0, json=body)) == [expected]
    assert (await rest.call("list-tracks", cast.ada)).json()["items"] == []
