"""Errors of Postgres: unavailable if the connection or the server is the cause, a bug otherwise."""

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.errors import Unavailable
from server.embedded import ports
from storage.postgres.database import Database
from tests.support.users import Cast

# SQLSTATEs that a server raises for reasons of its own
SERVER_ERRORS = ["08006", "25006", "53100", "53300", "57014", "57P01", "57P03", "58030"]
BUGS = ["22012", "23505", "42P01", "XX000"]


def host_of(url: str) -> str:
    return url.rpartition("@")[2].partition("/")[0]


def raising(sqlstate: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'the server says why' USING ERRCODE = '{sqlstate}'; END $$"


@pytest.mark.parametrize("sqlstate", SERVER_ERRORS)
async def test_an_error_of_the_server_is_unavailable_and_its_reason_is_logged(
    database: Database, sqlstate: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(Unavailable):
        await database.fetch(raising(sqlstate), ())
    with pytest.raises(Unavailable):
        async with database.transaction() as session:
            await session.execute(text(raising(sqlstate).replace(":", "\\:")))
    assert "the server says why" in str([vars(record).get("reason") for record in caplog.records])


@pytest.mark.parametrize("sqlstate", BUGS)
async def test_an_error_of_a_statement_is_a_bug(database: Database, sqlstate: str) -> None:
    with pytest.raises(Exception, match="the server says why") as single:
        await database.fetch(raising(sqlstate), ())
    with pytest.raises(DBAPIError, match="the server says why"):
        async with database.transaction() as session:
            await session.execute(text(raising(sqlstate)))
    assert not isinstance(single.value, Unavailable)


async def test_a_wrong_argument_is_a_bug(database: Database) -> None:
    with pytest.raises(Exception, match="invalid input") as error:
        await database.fetch("SELECT $1::int", ("x",))
    assert not isinstance(error.value, Unavailable)
    with pytest.raises(DBAPIError):
        async with database.transaction() as session:
            await session.execute(text("SELECT CAST(:value AS int)"), {"value": "x"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda url: f"{url.rpartition('/')[0]}/none", 'database "none" does not exist'),
        (lambda url: url.replace("studio:", "studio:x", 1), "password authentication failed"),
        (lambda url: url.replace(host_of(url), f"127.0.0.1:{ports.find_free()}"), "ConnectionRefusedError"),
        (lambda url: f"{url}?sslmode=require", "SSL"),
        (lambda url: f"{url}?options=-cno_such_setting%3D1", "no_such_setting"),
    ],
)
async def test_the_reason_why_no_connection_opens_is_logged(
    database_url: str, change: Callable[[str], str], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Database(change(database_url))
    for _ in range(2):
        with caplog.at_level(logging.WARNING), pytest.raises(Unavailable):
            await broken.fetch("SELECT 1", ())
        with pytest.raises(Unavailable):
            async with broken.transaction() as session:
                await session.execute(text("SELECT 1"))
    records = [record for record in caplog.records if record.name == "storage.postgres.database"]
    assert all(reason in vars(record)["reason"] for record in records)
    assert len(records) == 4
    await broken.close()


async def test_the_next_host_is_used_when_one_is_gone(database: Database, database_url: str, cast: Cast) -> None:
    host = host_of(database_url)
    hosts = database_url.replace(host, f"127.0.0.1:{ports.find_free()},{host}")
    several = Database(f"{hosts}?connect_timeout=9&application_name=several%20hosts&keepalives_idle=30")
    assert (await several.fetch("SELECT current_setting('application_name')", ()))[0][0] == "several hosts"
    assert await several.is_writable()
    await several.close()
