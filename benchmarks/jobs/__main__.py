"""``python -m benchmarks.jobs claims|starts|submits|checkpoints``: run one of these benchmarks and print a table."""

import asyncio
import sys

from benchmarks.jobs import checkpoints, claims, starts, submits
from server.embedded.stack import temporary_stack
from storage import migrations
from storage.postgres.database import Database


async def _claims(database_url: str) -> list[claims.ClaimTimes]:
    database = Database(database_url)
    try:
        await migrations.upgrade(database)
        return await claims.measure(database)
    finally:
        await database.close()


def main(benchmark: str) -> None:
    if benchmark == "claims":
        with temporary_stack() as stack:
            lines = claims.format_table(asyncio.run(_claims(stack.database_url)))
    elif benchmark == "starts":
        with temporary_stack() as stack:
            lines = starts.format_summary(asyncio.run(starts.measure(stack.database_url, stack.redis_url)))
    elif benchmark == "submits":
        with temporary_stack() as stack:
            lines = submits.format_table(asyncio.run(submits.measure(stack)))
    elif benchmark == "checkpoints":
        lines = checkpoints.format_table(checkpoints.measure())
    else:
        sys.exit(f"unknown benchmark {benchmark!r}; choose claims, starts, submits or checkpoints")
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
