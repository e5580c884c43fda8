"""``./studio bench``: both doors beside LIMIT and two peers, on a Postgres and a Valkey of their own; prints tables."""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Iterable

from benchmarks.api import dataset, implementations, load_generator, pagination, rounds, wrk
from benchmarks.api.rounds import RoundPlan
from core import clock
from core.settings import PROJECT
from server.embedded.stack import temporary_stack
from storage import migrations


def parse_options(words: list[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="studio bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="Tracks, and as many jobs.")
    parser.add_argument("--users", type=int, default=1_000, help="How many own them.")
    parser.add_argument("--rounds", type=int, default=7, help="How often everybody has a turn at each work.")
    parser.add_argument("--seconds", type=float, default=3.0, help="How long a turn takes.")
    parser.add_argument("--connections", type=int, default=32, help="How many ask at once.")
    parser.add_argument(
        "--most", type=int, default=load_generator.NO_MAXIMUM, help="A turn ends after so many answers; not by wrk."
    )
    parser.add_argument("--sockets", type=int, default=5_000, help="How many subscribe to one topic; 0 for none.")
    parser.add_argument("--only", default="", help="Only contestants with this in their names, and LIMIT.")
    return parser.parse_args(words)


def print_lines(lines: Iterable[str]) -> None:
    """Print."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


async def main(words: list[str]) -> None:
    """Measure and tell. Raises ValueError when somebody answers wrongly: then no figure means anything."""
    asked = parse_options(words)
    with temporary_stack() as stack:
        await asyncio.to_thread(migrations.upgrade_now, stack.database_url)
        world = await dataset.create_dataset(stack.database_url, asked.rows, asked.users)
        print_lines([_head(asked)])
        with implementations.start_all(stack) as everybody:
            field = [one for one in everybody if one is everybody[0] or asked.only in one.name]
            await rounds.check_responses(world, field)
            plan = RoundPlan(asked.rounds, asked.seconds, asked.connections, asked.most)
            print_lines(rounds.format_tables(await rounds.measure(world, field, plan)))
        print_lines(pagination.format_table(await pagination.measure(stack.database_url, world)))
    if asked.sockets:
        print_lines([""])
        await _subscriptions(asked.sockets)


async def _subscriptions(sockets: int) -> None:
    """Let what so many subscribers cost be told, measured with services and processes of their own."""
    words = [sys.executable, "-m", "benchmarks.subscriptions", "--sockets", str(sockets)]
    child = await asyncio.create_subprocess_exec(*words, cwd=PROJECT)
    if await child.wait():
        raise RuntimeError("subscriptions could not be measured")


def _head(asked: argparse.Namespace) -> str:
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    return (
        f"{clock.iso(clock.now())}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}; "
        f"{asked.rows} tracks, {asked.users} users, {asked.connections} connections, {asked.rounds} rounds of "
        f"{asked.seconds:g} s; the load comes from {_load(asked.most)}"
    )


def _load(most: int) -> str:
    if wrk.is_usable(most):
        return "wrk"
    return "a Python process, which is slower than wrk and takes more of the machine"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
