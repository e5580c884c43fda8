"""``python -m benchmarks.scale measure|tables``: measure CPU costs on this machine, or print the capacity tables."""

import sys

from benchmarks.scale import capacity_tables, cpu_demand


def main(command: str) -> None:
    if command == "tables":
        for line in capacity_tables.format_tables():
            sys.stdout.write(f"{line}\n")
        return
    for name, demand in cpu_demand.measure_demands(5).items():
        sys.stdout.write(f'    "{name}": {demand},\n')
    sys.stdout.write(f"seconds, bytes of the master, bytes of all: {cpu_demand.measure_render()}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tables")
