"""``python -m benchmarks.page``: check, measure and photograph the studio page; see ``--help``."""

import argparse
import sys

from benchmarks.node_packages import NodeError
from benchmarks.page import type_check


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("types", help="check the types of web/ with TypeScript, as `./studio lint` does")
    parser.parse_args(arguments)
    try:
        return type_check.check_types()
    except NodeError as error:
        sys.stdout.write(f"The page cannot be checked: {error}.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
