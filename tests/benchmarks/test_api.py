"""``./studio bench`` with a minimal load: all responses are correct and all tables complete; times are not judged."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

import benchmarks.__main__ as command
from benchmarks.api import dataset, load_generator, wrk
from benchmarks.api.load_generator import LoadPlan, LoadResult

NAMES = (
    "LIMIT",
    "LIMIT, tuned",
    "FastAPI + SQLModel",
    "Strawberry + SQLModel",
    "Mercurius with jit",
    "Apollo",
    "Music Studio, REST",
    "Music Studio, GraphQL",
)


async def test_every_server_answers_correctly_and_has_a_row_in_each_table(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--rows 400 --users 4 --rounds 1 --seconds 60 --most 8 --connections 4 --sockets 0"
    await command.main(words.split())
    output, messages = capsys.readouterr()
    # where npm cannot reach its registry
    missing = ("Mercurius with jit", "Apollo") if "Not measured: Mercurius with jit, Apollo." in messages else ()
    for workload in "AB":
        _, _, table = output.partition(f"| workload {workload} |")
        rows = [line.split(" | ")[0].removeprefix("| ") for line in table.split("\n\n")[0].splitlines()[2:]]
        assert rows == [name for name in NAMES if name not in missing]
    assert "were errors" not in output
    assert [line.split(" | ")[0] for line in output.splitlines()[-3:]] == ["| 0", "| 15", "| 150"]


@pytest.mark.parametrize(
    "load",
    [
        load_generator.run_in_subprocess,
        pytest.param(
            wrk.run,
            marks=pytest.mark.skipif(not wrk.is_usable(load_generator.NO_MAXIMUM), reason="wrk is not installed"),
        ),
    ],
)
async def test_responses_and_errors_are_counted(load: Callable[[LoadPlan], Awaitable[LoadResult]]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                status = b"404 Not Found" if head.startswith(b"GET /bad") else b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\nhi")
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        requests = [f"GET /{word} HTTP/1.1\r\nHost: a\r\n\r\n" for word in ("good", "bad", "good", "good")]
        # wrk has no maximum, and runs for whole seconds
        job = LoadPlan(server.sockets[0].getsockname()[1], requests, connections=1, seconds=1, max_responses=400)
        found = await load(job)
        assert found.responses > 0
        assert found.errors in {found.responses // 4, found.responses // 4 + 1}
        assert 0 < found.p50_ms <= found.p99_ms


async def test_half_of_the_rows_belong_to_the_first_user() -> None:
    people = [dataset.ApiUser("org", f"user {number}", "") for number in range(5)]
    world = dataset.Dataset(people, 100)
    owners = [world.owner(number) for number in range(1, 101)]
    assert owners[:50] == [people[0]] * 50
    assert {owner.user_id for owner in owners[50:]} == {f"user {number}" for number in range(1, 5)}
    assert all(50 < number <= 100 for number in world.sample_rows(200))
