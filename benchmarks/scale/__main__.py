"""``python -m benchmarks.scale measure|tables``: what works cost here; what that means for many listeners."""

import sys

from benchmarks.scale import measurements, tables


def main(what: str) -> None:
    """Print it."""
    if what == "tables":
        for line in tables.lines():
            sys.stdout.write(f"{line}\n")
        return
    for name, demand in measurements.demands(5).items():
        sys.stdout.write(f'    "{name}": {demand},\n')
    sys.stdout.write(f"seconds, bytes of the master, bytes of all: {measurements.rendering()}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tables")
