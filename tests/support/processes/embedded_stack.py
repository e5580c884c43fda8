"""Access a running stack from tests: run SQL, find its processes, start one in a subprocess."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import redis

from core.settings import PROJECT
from server.embedded import processes
from server.embedded.stack import Stack

DEADLINE_SECONDS = 30.0
# starts a stack, prints its process ids and waits to be killed
SUBPROCESS_CODE = """
import json, sys, threading
from server.embedded.stack import Stack
stack = Stack(sys.argv[1])
stack.start()
print(json.dumps(stack.pids), flush=True)
threading.Event().wait()
"""


def sql(stack: Stack, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, each in a transaction of its own, and return the rows of the last."""

    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(stack.database_url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return [tuple(row) for row in await connection.fetch(statements[-1])]
        finally:
            await connection.close()

    # the thread of the test may run an event loop
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def write(stack: Stack, number: int) -> None:
    """Commit a row, and append to a key and wait for its fsync."""
    sql(stack, "CREATE TABLE IF NOT EXISTS numbers (number int)", f"INSERT INTO numbers SELECT {number:d}", "SELECT 1")
    with redis.Redis.from_url(stack.redis_url) as client:
        client.rpush("numbers", number)
        client.execute_command("WAITAOF", 1, 0, 5000)


def read(stack: Stack) -> tuple[list[int], list[int]]:
    """Return the numbers in Postgres and in Valkey."""
    rows = [row[0] for row in sql(stack, "SELECT number FROM numbers ORDER BY number")]
    with redis.Redis.from_url(stack.redis_url) as client:
        return rows, [int(number) for number in client.lrange("numbers", 0, -1)]


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; return False at the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def service_pids(data: Path) -> list[int]:
    """Return the processes of the services on a data folder."""
    folders = (("postgres", data / "postgres"), ("valkey", data / "valkey"))
    return [pid for program, folder in folders for pid in processes.running_in(0, program, folder)]


def start_in_subprocess(data: Path) -> "subprocess.Popen[str]":
    """Start a stack in a subprocess, which prints the process ids of its services on the first line."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", SUBPROCESS_CODE, str(data)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603  a fixed command


def read_pids(process: "subprocess.Popen[str]") -> list[int]:
    """Read the process ids that a subprocess printed."""
    assert process.stdout
    return list(json.loads(process.stdout.readline()))
