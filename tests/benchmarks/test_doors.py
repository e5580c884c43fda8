"""``./studio bench`` with next to nothing to do: all answer rightly, every table has its rows; no time is judged."""

import pytest

import benchmarks.__main__ as command
from benchmarks.doors import worlds

NAMES = (
    "LIMIT",
    "LIMIT, tuned",
    "FastAPI + SQLModel",
    "Strawberry + SQLModel",
    "Music Studio, REST",
    "Music Studio, GraphQL",
)


async def test_everybody_answers_rightly_and_stands_in_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--rows 400 --users 4 --rounds 1 --seconds 60 --most 40 --connections 4"
    await command.main(words.split())
    told = capsys.readouterr().out
    for work in "AB":
        _, _, table = told.partition(f"| work {work} |")
        rows = [line.split(" | ")[0].removeprefix("| ") for line in table.split("\n\n")[0].splitlines()[2:]]
        assert rows == list(NAMES)
    assert "refusals" not in told
    assert [line.split(" | ")[0] for line in told.splitlines()[-3:]] == ["| 0", "| 15", "| 150"]


async def test_rows_are_shared_out_as_they_are_made() -> None:
    people = [worlds.Person("org", f"user {number}", "") for number in range(5)]
    world = worlds.World(people, 100)
    owners = [world.owner(number) for number in range(1, 101)]
    assert owners[:50] == [people[0]] * 50
    assert {owner.user_id for owner in owners[50:]} == {f"user {number}" for number in range(1, 5)}
    assert all(50 < number <= 100 for number in world.sample(200))
