"""``python -m benchmarks.graphql [rounds]``: what an answer costs, by each way of making it; prints a table."""

import asyncio
import sys

from benchmarks.graphql import execution_cost


def main(rounds: int) -> None:
    """Measure and print."""
    for line in execution_cost.format_table(asyncio.run(execution_cost.measure(rounds))):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
