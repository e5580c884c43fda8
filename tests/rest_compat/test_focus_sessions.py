"""Start, retrieve and end focus sessions."""

from decimal import Decimal
from typing import Any, Final

import pytest

from core import ids
from core.jobs import Status
from core.settings import Settings
from core.spend_windows import Window
from resolvers.organizations import spending
from storage.postgres.database import Database
from storage.tables import FocusSession
from tests.support import factories
from tests.support.graphql.focus_client import age_session, finish_segments, list_generations
from tests.support.rest.client import Contract
from tests.support.rest.focus import session_body, start_session
from tests.support.rest.problems import problems
from tests.support.users import Cast

KEY: Final = {"Idempotency-Key": "play-1"}


async def read(rest: Contract, cast: Cast, session_id: str) -> dict[str, Any]:
    answer = await rest.call("get-focus-session", cast.ada, path={"session_id": session_id})
    assert answer.status_code == 200, answer.text
    session: dict[str, Any] = answer.json()
    return session


async def test_a_new_session_starts_immediately(rest: Contract, cast: Cast, database: Database) -> None:
    answer = await rest.call("start-focus-session", cast.ada, json=session_body())
    assert answer.status_code == 202
    session = answer.json()
    assert ids.is_a(ids.Kind.FOCUS_SESSION, session.pop("session_id"))
    assert session == {
        "status": "active",
        "goal": "focus",
        "engine": "studio",
        "target_minutes": 60,
        "total_segments": 30,
        "ready_count": 0,
        "segments": [],
        "more_pending": True,
        "next_ready_at": None,
    }
    [row] = await factories.load_all(database, FocusSession)
    assert (row.intensity, row.divergence, row.prompt, row.prefetch) == ("medium", 0.0, None, False)
    assert [(job.segment_index, job.status) for job in await list_generations(database, row.id)] == [(0, Status.QUEUED)]


async def test_all_fields_are_stored_trimmed(rest: Contract, cast: Cast, database: Database) -> None:
    body = session_body(
        goal="custom_prompt",
        custom_prompt="  rain on a tin roof\n",
        target_minutes=720,
        intensity="high",
        divergence=1,
        engine="studio",
    )
    answer = await rest.call("start-focus-session", cast.ada, json=body)
    assert (answer.status_code, answer.json()["total_segments"]) == (202, 360)
    [row] = await factories.load_all(database, FocusSession)
    assert (row.goal, row.prompt, row.target_minutes) == ("custom_prompt", "rain on a tin roof", 720)
    assert (row.intensity, row.divergence, row.engine) == ("high", 1.0, "studio")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"goal": None}, ("goal", "Must be 'focus', 'relax', 'sleep', 'energize' or 'custom_prompt'.")),
        ({"goal": "dance"}, ("goal", "Must be 'focus', 'relax', 'sleep', 'energize' or 'custom_prompt'.")),
        ({"target_minutes": 0}, ("target_minutes", "Must be greater than 0.")),
        ({"target_minutes": 721}, ("target_minutes", "Must be at most 720.")),
        ({"target_minutes": 1.5}, ("target_minutes", "Must be an integer.")),
        ({"target_minutes": "60"}, ("target_minutes", "Must be an integer.")),
        ({"target_minutes": True}, ("target_minutes", "Must be an integer.")),
        (
            {"goal": "custom_prompt"},
            ("custom_prompt", "This field is required with the goal custom_prompt."),
        ),
        (
            {"goal": "custom_prompt", "custom_prompt": None},
            ("custom_prompt", "This field is required with the goal custom_prompt."),
        ),
        (
            {"goal": "custom_prompt", "custom_prompt": " "},
            ("custom_prompt", "This field is required with the goal custom_prompt."),
        ),
        (
            {"goal": "custom_prompt", "custom_prompt": "x" * 2001},
            ("custom_prompt", "Must have at most 2000 characters."),
        ),
        ({"goal": "custom_prompt", "custom_prompt": 5}, ("custom_prompt", "Must be a string.")),
        (
            {"goal": "custom_prompt", "custom_prompt": "a\x00b"},
            ("custom_prompt", "Must not contain NUL or unpaired surrogate characters."),
        ),
        ({"intensity": "loud"}, ("intensity", "Must be 'low', 'medium' or 'high'.")),
        ({"divergence": -0.01}, ("divergence", "Must be at least 0.0.")),
        ({"divergence": 1.01}, ("divergence", "Must be at most 1.0.")),
        ({"divergence": "0.5"}, ("divergence", "Must be a number.")),
        ({"divergence": True}, ("divergence", "Must be a number.")),
        ({"engine": "nope"}, ("engine", "Must be an enabled engine that supports focus: studio.")),
        ({"prefetch": True}, ("prefetch", "Unknown field.")),
        ({"idempotency_key": "k"}, ("idempotency_key", "Unknown field.")),
    ],
)
async def test_a_value_out_of_limits_returns_422_and_starts_nothing(
    rest: Contract, cast: Cast, database: Database, changes: dict[str, object], expected: tuple[str, str]
) -> None:
    answer = await rest.call("start-focus-session", cast.ada, json=session_body(**changes))
    assert problems(answer) == [expected]
    assert await factories.load_all(database, FocusSession) == []
    assert await factories.count_generations(database) == 0


@pytest.mark.parametrize("empty", [None, ""], ids=repr)
@pytest.mark.parametrize("field", ["custom_prompt", "intensity", "divergence", "engine"])
async def test_an_empty_optional_field_is_left_out(
    rest: Contract, cast: Cast, database: Database, field: str, empty: str | None
) -> None:
    answer = await rest.call("start-focus-session", cast.ada, json=session_body(**{field: empty}), is_documented=False)
    assert answer.status_code == 202, answer.text
    [row] = await factories.load_all(database, FocusSession)
    assert (row.prompt, row.intensity, row.divergence, row.engine) == (None, "medium", 0.0, "studio")


async def test_all_problems_are_returned_at_once(rest: Contract, cast: Cast) -> None:
    body = {"goal": "custom_prompt", "intensity": 1, "divergence": 2, "engine": "nope", "more": 1}
    answer = await rest.call("start-focus-session", cast.ada, json=body, headers={"Idempotency-Key": "k" * 256})
    assert {field for field, _ in problems(answer)} == {
        "target_minutes",
        "custom_prompt",
        "intensity",
        "divergence",
        "engine",
        "more",
        "idempotency_key",
    }


@pytest.mark.parametrize("ignored", ["words", " ", "x" * 5000, 5, None, ["x"]])
async def test_other_goals_ignore_the_prompt(rest: Contract, cast: Cast, database: Database, ignored: object) -> None:
    url = rest.url("start-focus-session", cast.ada)
    body = session_body(goal="sleep", custom_prompt=ignored)
    answer = await rest.send("POST", url, json=body, headers=cast.ada.headers, is_documented=False)
    assert answer.status_code == 202
    [row] = await factories.load_all(database, FocusSession)
    assert (row.goal, row.prompt) == ("sleep", None)


async def test_a_prompt_that_policy_refuses_returns_422_with_the_reason(
    rest: Contract, cast: Cast, database: Database
) -> None:
    body = session_body(goal="custom_prompt", custom_prompt="note for note copy of the song that everybody knows")
    answer = await rest.call("start-focus-session", cast.ada, json=body)
    [(field, message)] = problems(answer)
    assert field == "custom_prompt"
    assert message.startswith("The request asks for a copy of an existing song.")
    assert await factories.load_all(database, FocusSession) == []


async def test_the_same_key_returns_the_same_session(rest: Contract, cast: Cast, database: Database) -> None:
    first = await rest.call("start-focus-session", cast.ada, json=session_body(), headers=KEY)
    again = await rest.call("start-focus-session", cast.ada, json=session_body(intensity="medium"), headers=KEY)
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json()["session_id"] == first.json()["session_id"]
    other = await rest.call("start-focus-session", cast.ada, json=session_body(goal="relax"), headers=KEY)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "CONFLICT")
    theirs = await rest.call("start-focus-session", cast.bea, json=session_body(), headers=KEY)
    assert theirs.json()["session_id"] != first.json()["session_id"]
    assert len(await factories.load_all(database, FocusSession)) == 2


async def test_a_session_over_the_spend_cap_does_not_start(rest: Contract, cast: Cast, database: Database) -> None:
    await spending.set_limit_as_operator(database, cast.ada.organization_id, Window.MONTH, Decimal("0.06"))
    answer = await rest.call("start-focus-session", cast.ada, json=session_body())
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "SPEND_CAP_EXCEEDED")
    assert await factories.load_all(database, FocusSession) == []


async def test_ready_segments_are_in_order_with_new_urls_and_fades(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id, 2)
    session = await read(rest, cast, session_id)
    assert (session["status"], session["ready_count"], session["more_pending"]) == ("active", 2, True)
    assert session["next_ready_at"] is not None
    first, second = session["segments"]
    assert [first["segment_index"], second["segment_index"]] == [0, 1]
    assert first["fade_in_ms"] == 0
    assert second["fade_in_ms"] == first["fade_out_ms"] > 0
    assert first["target_lufs"] == second["target_lufs"] < 0
    assert first["measured_duration_seconds"] == pytest.approx(20, abs=12)
    assert first["playback_url"] != second["playback_url"]


async def test_a_session_of_three_minutes_has_two_segments_and_one_of_a_minute_one(rest: Contract, cast: Cast) -> None:
    for minutes, total in ((1, 1), (2, 1), (3, 2), (60, 30)):
        session = await read(rest, cast, await start_session(rest, cast, target_minutes=minutes))
        assert session["total_segments"] == total


async def test_ending_cancels_the_queued_segment_and_keeps_ready_ones(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id, 2)
    answers = [await rest.call("end-focus-session", cast.ada, path={"session_id": session_id}) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 200
        session = answer.json()
        assert (session["status"], session["segments"], session["ready_count"]) == ("ended", [], 2)
        assert (session["more_pending"], session["next_ready_at"]) == (False, None)
    jobs = await list_generations(database, session_id)
    assert [job.status for job in jobs] == [Status.SUCCEEDED, Status.SUCCEEDED, Status.CANCELLED]

    after = await read(rest, cast, session_id)
    assert (after["status"], len(after["segments"]), after["ready_count"]) == ("ended", 2, 2)
    await age_session(database, session_id, 300)
    await read(rest, cast, session_id)
    assert len(await list_generations(database, session_id)) == 3


async def test_ending_flags_the_segment_that_a_worker_renders(rest: Contract, cast: Cast, database: Database) -> None:
    session_id = await start_session(rest, cast)
    async with database.transaction() as session:
        [job] = await list_generations(database, session_id)
        held = await session.merge(job)
        held.status, held.lease_expires_at = Status.RUNNING, held.created_at.replace(year=2099)
    await rest.call("end-focus-session", cast.ada, path={"session_id": session_id})
    [job] = await list_generations(database, session_id)
    assert job.status is Status.RUNNING
    assert job.cancel_requested_at is not None


@pytest.mark.parametrize("operation", ["get-focus-session", "end-focus-session"])
async def test_a_missing_malformed_or_foreign_session_returns_404(
    rest: Contract, cast: Cast, database: Database, operation: str
) -> None:
    session_id = await start_session(rest, cast)
    for person, wrong in ((cast.bea, session_id), (cast.ada, "mfocus_" + "0" * 24), (cast.ada, "mgen_nope")):
        answer = await rest.call(operation, person, path={"session_id": wrong})
        error = answer.json()["error"]
        assert answer.status_code == 404
        assert error["system_message"] == "Music focus session not found"
        assert error["details"] == {"session_id": wrong}
    [row] = await factories.load_all(database, FocusSession)
    assert row.status == "active"


async def test_segment_jobs_are_not_listed_as_generations(
    rest: Contract, cast: Cast, database: Database, settings: Settings
) -> None:
    session_id = await start_session(rest, cast)
    await finish_segments(database, settings, session_id)
    assert (await rest.call("list-generations", cast.ada)).json()["jobs"] == []
    for job in await list_generations(database, session_id):
        assert (await rest.call("get-generation", cast.ada, path={"job_id": job.id})).status_code == 404
        assert (await rest.call("cancel-generation", cast.ada, path={"job_id": job.id})).status_code == 404
    assert (await rest.call("list-tracks", cast.ada)).json()["items"] == []
