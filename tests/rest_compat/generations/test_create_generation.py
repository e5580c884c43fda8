import pytest

from core.jobs import Status
from storage.postgres.database import Database
from storage.tables import Generation
from tests.support import factories
from tests.support.factories import generation_body
from tests.support.rest.client import Contract
from tests.support.rest.problems import problems
from tests.support.users import Cast


async def test_a_new_job_is_queued(rest: Contract, cast: Cast, database: Database) -> None:
    answer = await rest.call("create-generation", cast.ada, json=generation_body())
    assert answer.status_code == 202
    job = answer.json()
    assert {name: job[name] for name in job.keys() - {"id", "created_at"}} == {
        "status": "queued",
        "progress": 0,
        "engine": "studio",
        "mode": "creation",
        "result_track_id": None,
        "error_message": None,
        "refusal_reason": None,
        "playback_url": None,
        "track": None,
    }
    async with database.transaction() as session:
        row = await session.get(Generation, job["id"])
    assert row is not None
    assert (row.user_id, row.organization_id) == (cast.ada.user_id, cast.ada.organization_id)
    assert (row.prompt, row.duration_seconds, row.instrumental) == ("warm lofi beat", 2, False)
    assert (row.lyrics, row.seed_track_id, row.style_tags, row.title, row.idempotency_key) == (
        None,
        None,
        [],
        None,
        None,
    )


async def test_all_fields_are_stored_trimmed(rest: Contract, cast: Cast, database: Database) -> None:
    body = generation_body(
        prompt="  warm lofi beat\n",
        mode="focus",
        instrumental=True,
        style_tags=[" lofi ", "jazz"],
        title=" Night Desk ",
        lyrics=None,
        seed_track_id=None,
        idempotency_key=" k ",
    )
    answer = await rest.call("create-generation", cast.ada, json=body)
    assert answer.json()["mode"] == "focus"
    async with database.transaction() as session:
        row = await session.get(Generation, answer.json()["id"])
    assert row is not None
    assert (row.prompt, row.title, row.style_tags, row.idempotency_key) == (
        "warm lofi beat",
        "Night Desk",
        ["lofi", "jazz"],
        "k",
    )
    assert row.instrumental is True


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "x"},
        {"prompt": "x" * 2000},
        {"prompt": "🎹" * 2000},
        {"prompt": "شعر 音楽 \u202e\t\n"},
        {"duration_seconds": 1},
        {"duration_seconds": 600},
        {"duration_seconds": 60.0},
        {"mode": "creation"},
        {"mode": "focus"},
        {"instrumental": False},
        {"style_tags": []},
        {"style_tags": ["x"] * 20},
        {"style_tags": ["x" * 64]},
        {"title": "x"},
        {"title": "x" * 255},
        {"title": None},
        {"lyrics": None},
        {"lyrics": None, "instrumental": True},
        {"seed_track_id": None},
        {"idempotency_key": None},
        {"idempotency_key": "x"},
        {"idempotency_key": "x" * 255},
    ],
    ids=lambda changes: ascii(changes)[:40],
)
async def test_values_within_limits_are_accepted(rest: Contract, cast: Cast, changes: dict[str, object]) -> None:
    assert (await rest.call("create-generation", cast.ada, json=generation_body(**changes))).status_code == 202


@pytest.mark.parametrize("empty", [None, "", " \n"], ids=repr)
@pytest.mark.parametrize(
    "field", ["mode", "instrumental", "lyrics", "lyrics_language", "seed_track_id", "style_tags", "title"]
)
async def test_an_empty_optional_field_is_left_out(rest: Contract, cast: Cast, field: str, empty: str | None) -> None:
    body = {**generation_body(instrumental=True), "idempotency_key": "same"}
    left_out = {name: value for name, value in body.items() if name != field}
    first = await rest.call("create-generation", cast.ada, json={**body, field: empty}, is_documented=empty != " \n")
    again = await rest.call("create-generation", cast.ada, json=left_out)
    assert (first.status_code, again.status_code) == (202, 202), first.text
    # an equal request, so it returns the same job
    assert (again.json()["id"], again.headers["Idempotency-Replayed"]) == (first.json()["id"], "true")


@pytest.mark.parametrize("prompt", [" " + "x" * 2000 + " ", "\n\t x"])
async def test_a_prompt_is_trimmed(rest: Contract, cast: Cast, prompt: str) -> None:
    answer = await rest.call("create-generation", cast.ada, json=generation_body(prompt=prompt), is_documented=False)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"engine": "nothing"}, "engine", "Must be an enabled engine: studio."),
        ({"engine": "Studio"}, "engine", "Must be an enabled engine: studio."),
        ({"engine": ""}, "engine", None),
        ({"engine": None}, "engine", "Must be a string."),
        ({"engine": 1}, "engine", "Must be a string."),
        ({"prompt": ""}, "prompt", "Must have at least 1 character(s)."),
        ({"prompt": " \n\t\u3000"}, "prompt", "Must have at least 1 character(s)."),
        ({"prompt": "x" * 2001}, "prompt", "Must have at most 2000 characters."),
        ({"prompt": "🎹" * 2001}, "prompt", "Must have at most 2000 characters."),
        ({"prompt": None}, "prompt", "Must be a string."),
        ({"prompt": ["x"]}, "prompt", "Must be a string."),
        ({"prompt": {"a": 1}}, "prompt", "Must be a string."),
        ({"prompt": "a\x00b"}, "prompt", "Must not contain NUL or unpaired surrogate characters."),
        ({"duration_seconds": 0}, "duration_seconds", "Must be greater than 0."),
        ({"duration_seconds": -1}, "duration_seconds", "Must be greater than 0."),
        ({"duration_seconds": 601}, "duration_seconds", "Must be at most 600 for this engine."),
        ({"duration_seconds": 2**31}, "duration_seconds", "Must be at most 600 for this engine."),
        ({"duration_seconds": 2**63}, "duration_seconds", "Must be at most 600 for this engine."),
        ({"duration_seconds": 10**30}, "duration_seconds", "Must be at most 600 for this engine."),
        ({"duration_seconds": -(2**63)}, "duration_seconds", "Must be greater than 0."),
        ({"duration_seconds": 1.5}, "duration_seconds", "Must be an integer."),
        ({"duration_seconds": 1e308}, "duration_seconds", "Must be at most 600 for this engine."),
        ({"duration_seconds": "60"}, "duration_seconds", "Must be an integer."),
        ({"duration_seconds": True}, "duration_seconds", "Must be an integer."),
        ({"duration_seconds": None}, "duration_seconds", "Must be an integer."),
        ({"mode": "album"}, "mode", "Must be 'creation' or 'focus'."),
        ({"mode": "CREATION"}, "mode", "Must be 'creation' or 'focus'."),
        ({"mode": 1}, "mode", "Must be 'creation' or 'focus'."),
        ({"instrumental": "true"}, "instrumental", "Must be true or false."),
        ({"instrumental": 1}, "instrumental", "Must be true or false."),
        ({"lyrics": "la la"}, "lyrics", "This engine does not support lyrics."),
        ({"lyrics": "la la", "instrumental": True}, "lyrics", "Must be left out of an instrumental piece."),
        ({"lyrics_language": "de"}, "lyrics_language", "Must be left out of a request without lyrics."),
        ({"lyrics": "x" * 5001}, "lyrics", "Must have at most 5000 characters."),
        ({"lyrics": 1}, "lyrics", "Must be a string."),
        ({"seed_track_id": "mtrack_000000000000"}, "seed_track_id", "Must be a track that you can read."),
        ({"seed_track_id": "x"}, "seed_track_id", "Must be a track that you can read."),
        ({"seed_track_id": 1}, "seed_track_id", "Must be a string."),
        ({"style_tags": ["x"] * 21}, "style_tags", "Must have at most 20 items."),
        ({"style_tags": [""]}, "style_tags.0", "Must have at least 1 character(s)."),
        ({"style_tags": [" "]}, "style_tags.0", "Must have at least 1 character(s)."),
        ({"style_tags": ["a", "x" * 65]}, "style_tags.1", "Must have at most 64 characters."),
        ({"style_tags": ["a", None]}, "style_tags.1", "Must be a string."),
        ({"style_tags": ["a\x00"]}, "style_tags.0", "Must not contain NUL or unpaired surrogate characters."),
        ({"style_tags": "lofi"}, "style_tags", "Must be an array."),
        ({"style_tags": {"a": 1}}, "style_tags", "Must be an array."),
        ({"title": "x" * 256}, "title", "Must have at most 255 characters."),
        ({"title": "a\x00b"}, "title", "Must not contain NUL or unpaired surrogate characters."),
        ({"title": 1}, "title", "Must be a string."),
        ({"idempotency_key": ""}, "idempotency_key", "Must have at least 1 character(s)."),
        ({"idempotency_key": "x" * 256}, "idempotency_key", "Must have at most 255 characters."),
        ({"idempotency_key": 5}, "idempotency_key", "Must be a string."),
        ({"colour": "blue"}, "colour", "Unknown field."),
        ({"": 1}, "", "Unknown field."),
        ({"Prompt": "x"}, "Prompt", "Unknown field."),
        ({"user_id": "user_1"}, "user_id", "Unknown field."),
        ({"status": "succeeded"}, "status", "Unknown field."),
    ],
    ids=lambda value: ascii(value)[:48],
)
async def test_values_out_of_limits_return_422_and_create_nothing(
    rest: Contract, cast: Cast, database: Database, changes: dict[str, object], field: str, message: str | None
) -> None:
    found = problems(await rest.call("create-generation", cast.ada, json=generation_body(**changes)))
    assert [name for name, _ in found] == [field]
    assert message is None or found == [(field, message)]
    assert await factories.count_generations(database) == 0


async def test_an_empty_body_returns_all_required_fields(rest: Contract, cast: Cast) -> None:
    found = problems(await rest.call("create-generation", cast.ada, json={}))
    assert found == [(name, "This field is required.") for name in ("engine", "prompt", "duration_seconds")]


async def test_all_problems_are_returned_at_once(rest: Contract, cast: Cast, database: Database) -> None:
    body = {
        "engine": "nothing",
        "duration_seconds": 0,
        "mode": "album",
        "instrumental": "yes",
        "lyrics": 1,
        "seed_track_id": 1,
        "style_tags": ["", "fine", 7],
        "title": "x" * 256,
        "idempotency_key": "",
        "colour": "blue",
        "size": 3,
    }
    found = problems(await rest.call("create-generation", cast.ada, json=body))
    assert {name for name, _ in found} == {
        "engine",
        "prompt",
        "duration_seconds",
        "mode",
        "instrumental",
        "lyrics",
        "seed_track_id",
        "style_tags.0",
        "style_tags.2",
        "title",
        "idempotency_key",
        "colour",
        "size",
    }
    assert len(found) == 13
    assert await factories.count_generations(database) == 0


async def test_an_unreadable_seed_track_is_returned_with_all_other_problems(rest: Contract, cast: Cast) -> None:
    body = generation_body(prompt="", seed_track_id="mtrack_000000000000")
    found = problems(await rest.call("create-generation", cast.ada, json=body))
    assert {name for name, _ in found} == {"prompt", "seed_track_id"}


async def test_a_seed_track_must_be_readable(rest: Contract, cast: Cast, database: Database) -> None:
    job_id = await factories.put_generation(database, cast.ada, Status.SUCCEEDED)
    track_id = (await rest.call("get-generation", cast.ada, path={"job_id": job_id})).json()["result_track_id"]
    body = generation_body(seed_track_id=track_id)
    assert (await rest.call("create-generation", cast.ada, json=body)).status_code == 202
    for stranger in (cast.bea, cast.cid):
        answer = await rest.call("create-generation", stranger, json=body)
        assert problems(answer) == [("seed_track_id", "Must be a track that you can read.")]
    assert await factories.count_generations(database) == 2


async def test_ids_are_long_and_unique(rest: Contract, cast: Cast) -> None:
    ids = {(await rest.call("create-generation", cast.ada, json=generation_body())).json()["id"] for _ in range(10)}
    assert len(ids) == 10
    assert {len(job_id) for job_id in ids} == {len("mgen_") + 24}


async def test_a_body_with_thousands_of_fields_is_rejected_quickly(rest: Contract, cast: Cast) -> None:
    body = generation_body(**{f"x{number}": number for number in range(20_000)})
    answer = await rest.call("create-generation", cast.ada, json=body)
    assert answer.status_code == 422
    assert answer.elapsed.total_seconds() < 5
