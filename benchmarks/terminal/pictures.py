"""Draw recorded commands as pictures, with Rich and Chromium."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Browser
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from benchmarks.page import pictures
from benchmarks.terminal.recording import COLUMNS, Shown

_THEME: Final = TerminalTheme(
    (24, 26, 31),
    (216, 218, 224),
    # black, red, green, yellow, blue, magenta, cyan, white, and the same once more, brighter
    [
        (24, 26, 31),
        (240, 113, 120),
        (126, 200, 130),
        (226, 183, 20),
        (110, 165, 255),
        (200, 140, 240),
        (90, 200, 210),
        (216, 218, 224),
    ],
    [
        (120, 126, 140),
        (255, 140, 145),
        (150, 225, 155),
        (245, 205, 70),
        (140, 185, 255),
        (220, 165, 255),
        (120, 225, 235),
        (255, 255, 255),
    ],
)
_PAGE: Final = """<!doctype html><style>
body {{ margin: 0; background: {background}; color: {foreground}; display: inline-block; padding: 16px 20px }}
pre {{ margin: 0; font: 14px/1.45 "DejaVu Sans Mono", Menlo, monospace }}
</style><pre>{code}</pre>"""


def commands(track_id: str) -> dict[str, list[list[str]]]:
    """Return the commands of each picture by its name; ``track_id`` is a track that exists."""
    prompt = "warm lofi with Rhodes and a theremin, 82 bpm, no strings"
    return {
        "cli-generate": [
            ["prompt", prompt],
            ["generate", prompt, "--duration", "30", "--seed", "7", "-o", "evening.mp3"],
        ],
        "cli-tracks": [["tracks", "list", "--limit", "5"], ["tracks", "show", track_id], ["usage"]],
        "cli-mistakes": [
            ["genrate", "piano"],
            ["generate", "piano", "--duration", "700"],
            ["generate", "piano", "--tempo", "900"],
            ["generate", "piano", "-o", "music/piano.mp3"],
            ["generate", "piano", "-o", "piano.ogg"],
            ["generate", "a ballad in the voice of Taylor Swift"],
            ["tracks", "show", "mtrack_0"],
            ["tracks", "list", "--api-key", "ak_wrong"],
            ["tracks", "list", "--url", "localhost:8080"],
            ["tracks", "list", "--url", "http://127.0.0.1:9"],
        ],
    }


async def draw(browser: Browser, name: str, recorded: Sequence[Shown]) -> Path:
    """Draw commands and what they showed below each other, and return the file."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for index, shown in enumerate(recorded):
        if index:
            console.print()
        console.print(Text.assemble(("$ ", "bold green"), (shown.command, "bold")), soft_wrap=True)
        console.print(Text.from_ansi(shown.output))
    page = await browser.new_page(device_scale_factor=1.5)
    await page.set_content(console.export_html(theme=_THEME, inline_styles=True, code_format=_PAGE))
    shot = await page.locator("body").screenshot()
    await page.close()
    return pictures.save(shot, name)
