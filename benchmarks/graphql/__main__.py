"""``python -m benchmarks.graphql [rounds]``: print the CPU time of an execution by each executor."""

import asyncio
import sys

from benchmarks.graphql import execution_cost


def main(rounds: int) -> None:
    for line in execution_cost.format_table(asyncio.run(execution_cost.measure(rounds))):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
