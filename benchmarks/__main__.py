"""``./studio bench``: compare the REST and GraphQL APIs with reference servers on a temporary Postgres and Valkey."""

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Iterable

from benchmarks import cores
from benchmarks.api import dataset, implementations, load_generator, pagination, rounds, wrk
from benchmarks.api.rounds import RoundPlan
from benchmarks.cores import CoreSplit
from core import clock
from core.settings import PROJECT, Settings
from server.embedded.stack import temporary_stack
from storage import migrations


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="studio bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="Number of tracks, and of jobs.")
    parser.add_argument("--users", type=int, default=1_000, help="Number of users who own them.")
    parser.add_argument("--rounds", type=int, default=7, help="Measurements of each server and workload.")
    parser.add_argument("--seconds", type=float, default=3.0, help="Duration of one measurement.")
    parser.add_argument("--connections", type=int, default=32, help="Concurrent connections.")
    parser.add_argument(
        "--most",
        type=int,
        default=load_generator.NO_MAXIMUM,
        help="End a measurement after this many responses; wrk is not used then.",
    )
    parser.add_argument("--sockets", type=int, default=5_000, help="Subscribers of one topic; 0 skips this benchmark.")
    parser.add_argument("--only", default="", help="Measure only servers whose names contain this, and LIMIT.")
    return parser.parse_args(arguments)


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


async def main(arguments: list[str]) -> None:
    """Run the benchmark and print its tables. Raises ValueError for a wrong response, which invalidates the results."""
    options, split = parse_options(arguments), cores.split()
    with cores.pinned(split.others), temporary_stack() as stack:
        await asyncio.to_thread(migrations.upgrade_now, Settings(database_url=stack.database_url))
        data = await dataset.create_dataset(stack.database_url, options.rows, options.users)
        print_lines([_heading(options, split)])
        with implementations.start_all(stack, split.server) as servers:
            selected = [server for server in servers if server is servers[0] or options.only in server.name]
            await rounds.check_responses(data, selected)
            plan = RoundPlan(options.rounds, options.seconds, options.connections, options.most)
            print_lines(rounds.format_tables(await rounds.measure(data, selected, plan)))
        print_lines(pagination.format_table(await pagination.measure(stack.database_url, data)))
    if options.sockets:
        print_lines([""])
        await _measure_subscriptions(options.sockets)


async def _measure_subscriptions(sockets: int) -> None:
    """Run the benchmark of subscriptions, which starts services and processes of its own."""
    command = [sys.executable, "-m", "benchmarks.subscriptions", "--sockets", str(sockets)]
    child = await asyncio.create_subprocess_exec(*command, cwd=PROJECT)
    if await child.wait():
        raise RuntimeError("the benchmark of subscriptions failed; its output is above")


def _heading(options: argparse.Namespace, split: CoreSplit) -> str:
    load = " ".join(f"{average:.1f}" for average in os.getloadavg())
    generator = "wrk" if wrk.is_usable(options.most) else "a Python process, which is slower than wrk and uses more CPU"
    return (
        f"{clock.iso(clock.now())}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}; "
        f"{options.rows} tracks, {options.users} users, {options.connections} connections, {options.rounds} rounds of "
        f"{options.seconds:g} s; {split.describe()}; load generator: {generator}"
    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
