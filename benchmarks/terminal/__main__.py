"""``python -m benchmarks.terminal``: take pictures of the command line into docs/pictures."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks.page import demonstration, studio
from benchmarks.page.pictures import open_browser
from benchmarks.terminal import pictures, recording


async def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.terminal", description=__doc__)
    parser.add_argument("--url", help="URL of a studio that runs; by default one is started and filled")
    parser.add_argument("--key-file", type=Path, help="file with an API key of its admin")
    options = parser.parse_args(arguments)
    async with studio.running(options.url, options.key_file) as running:
        async with httpx.AsyncClient(base_url=running.url, headers={"X-API-Key": running.key}, timeout=60) as client:
            made = await demonstration.fill(client)
        with tempfile.TemporaryDirectory(prefix="music-studio-") as folder:
            environment = {
                "MUSIC_STUDIO_URL": running.url,
                "MUSIC_STUDIO_API_KEY": running.key,
                # a person without a server on this machine
                "MUSIC_STUDIO_DATA_DIR": folder,
            }
            async with open_browser() as browser:
                for name, commands in pictures.commands(made.track_id).items():
                    recorded = [recording.run(words, Path(folder), environment) for words in commands]
                    file = await pictures.draw(browser, name, recorded)
                    sys.stdout.write(f"{file.name}: {file.stat().st_size / 1000:.0f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
