"""``python -m benchmarks.page``: check, measure and photograph the studio page; see ``--help``."""

import argparse
import asyncio
import sys
from pathlib import Path

from benchmarks import node_packages
from benchmarks.node_packages import NodeError
from benchmarks.page import frames, lighthouse, pictures, studio, type_check
from benchmarks.page.pictures import BrowserError
from server.routes import studio_page

_CHECKED_TRACKS = 100


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("types", help="check the types of web/ with TypeScript, as `./studio lint` does")
    running = argparse.ArgumentParser(add_help=False)
    running.add_argument("--url", help="URL of a studio that runs; by default one is started and filled")
    running.add_argument("--key-file", type=Path, help="file with an API key of its admin")
    shot = commands.add_parser("pictures", parents=[running], help="take pictures of each screen into docs/pictures")
    shot.add_argument("--only", help="name of one screen")
    commands.add_parser("lighthouse", parents=[running], help="measure the page with Lighthouse")
    commands.add_parser("check", help="measure the library alone with Lighthouse; without npm or Chromium, do nothing")
    scroll = commands.add_parser("frames", help="measure frames while a large library scrolls")
    scroll.add_argument("--tracks", type=int, default=10_000)
    return parser.parse_args(arguments)


async def take_pictures(options: argparse.Namespace) -> int:
    async with studio.running(options.url, options.key_file, pictures.SETTINGS) as running:
        for file in await pictures.take_all(running, studio_page.SCREENS, options.only):
            sys.stdout.write(f"{file.name}: {file.stat().st_size / 1000:.0f} kB\n")
    return 0


async def measure(options: argparse.Namespace) -> int:
    async with studio.running(options.url, options.key_file) as running:
        return await lighthouse.measure(running)


async def check() -> int:
    """Measure one screen with Lighthouse, on a server without workers."""
    try:
        pictures.browser_path()
        node_packages.find_node()
        async with studio.with_library(_CHECKED_TRACKS) as (running, _):
            return await lighthouse.measure_library(running)
    except (BrowserError, NodeError) as error:
        sys.stdout.write(f"Lighthouse is skipped: {error}.\n")
        return 0


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    try:
        if options.command == "check":
            return asyncio.run(check())
        if options.command == "types":
            return type_check.check_types()
        if options.command == "frames":
            sys.stdout.writelines(f"{line}\n" for line in asyncio.run(frames.measure(options.tracks)))
            return 0
        return asyncio.run(take_pictures(options) if options.command == "pictures" else measure(options))
    except NodeError as error:
        sys.stdout.write(f"The page cannot be checked: {error}.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
