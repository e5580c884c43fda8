"""What tests do to a running stack: talk to it, look for its processes, wait for them, start one elsewhere."""

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
from server.embedded import orphaned_processes
from server.embedded.stack import Stack

DEADLINE_SECONDS = 30.0
# starts a stack, tells its process ids and waits to be killed
ELSEWHERE = """
import json, sys, threading
from server.embedded.stack import Stack
stack = Stack(sys.argv[1])
stack.start()
print(json.dumps(stack.pids), flush=True)
threading.Event().wait()
"""


def sql(stack: Stack, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements, each in a transaction of its own, and give the rows of the last."""

    async def run() -> list[tuple[Any, ...]]:
        link = await asyncpg.connect(stack.database_url)
        try:
            for statement in statements[:-1]:
                await link.execute(statement)
            return [tuple(row) for row in await link.fetch(statements[-1])]
        finally:
            await link.close()

    # the test's own thread may have a loop already
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def keep(stack: Stack, number: int) -> None:
    """Commit a row and acknowledge a key with this number."""
    sql(stack, "CREATE TABLE IF NOT EXISTS kept (number int)", f"INSERT INTO kept SELECT {number:d}", "SELECT 1")
    with redis.Redis.from_url(stack.redis_url) as client:
        client.rpush("kept", number)
        client.execute_command("WAITAOF", 1, 0, 5000)


def kept(stack: Stack) -> tuple[list[int], list[int]]:
    """Give the numbers that rows and keys still hold."""
    rows = [row[0] for row in sql(stack, "SELECT number FROM kept ORDER BY number")]
    with redis.Redis.from_url(stack.redis_url) as client:
        return rows, [int(number) for number in client.lrange("kept", 0, -1)]


def comes_true(fact: Callable[[], bool]) -> bool:
    """Wait for a fact, with a deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def at_work(data: Path) -> list[int]:
    """The service processes that stand in a data folder."""
    rooms = (("postgres", data / "postgres"), ("valkey", data / "valkey"))
    return [pid for program, room in rooms for pid in orphaned_processes.running_in(0, program, room)]


def start_elsewhere(data: Path) -> "subprocess.Popen[str]":
    """Start a stack in a process of its own, which tells its services' ids on its first line."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    words = [sys.executable, "-c", ELSEWHERE, str(data)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own words


def told(process: "subprocess.Popen[str]") -> list[int]:
    """Read the services' ids of a stack started elsewhere."""
    assert process.stdout
    return list(json.loads(process.stdout.readline()))
