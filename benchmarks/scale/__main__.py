"""``python -m benchmarks.scale measure|tables``: what works cost here; what that means for many listeners."""

import sys

from benchmarks.scale import measurements


def main(what: str) -> None:
    """Print it."""
    if what == "measure":
        for name, demand in measurements.demands(5).items():
            sys.stdout.write(f'    "{name}": {demand},\n')
        sys.stdout.write(f"rendering: {measurements.rendering()}\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
