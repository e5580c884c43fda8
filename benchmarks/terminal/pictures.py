"""Draw recorded commands as pictures, with Rich and Chromium."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import async_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from benchmarks.page.pictures import FOLDER, browser_path
from benchmarks.terminal.recording import COLUMNS, Shown

_QUALITY: Final = 82
"""Of WebP, from 0 to 100."""
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
body { margin: 0; background: {background}; color: {foreground}; display: inline-block; padding: 16px 20px }
pre { margin: 0; font: 14px/1.45 "DejaVu Sans Mono", Menlo, monospace }
</style><pre>{code}</pre>"""


@dataclass(frozen=True, slots=True)
class Picture:
    """The commands that a picture shows, and their environment variables."""

    name: str
    commands: Sequence[Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


def pictures(track_id: str) -> list[Picture]:
    """Return the pictures in the order of the documentation; ``track_id`` is a track that exists."""
    prompt = "warm lofi with Rhodes and a theremin, 82 bpm, no strings"
    return [
        Picture(
            "cli-generate",
            [["prompt", prompt], ["generate", prompt, "--duration", "30", "--seed", "7", "-o", "evening.mp3"]],
        ),
        Picture("cli-tracks", [["tracks", "list", "--limit", "5"], ["tracks", "show", track_id], ["usage"]]),
        Picture(
            "cli-mistakes",
            [
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
        ),
        Picture("cli-settings", [["tracks", "list", "--limit", "1"]], {"MUSIC_STUDIO_SERVER__PROT": "9000"}),
    ]


async def draw(name: str, commands: Sequence[Shown]) -> Path:
    """Draw commands and what they showed below each other, and return the file."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for index, shown in enumerate(commands):
        if index:
            console.print()
        console.print(Text.assemble(("$ ", "bold green"), (shown.command, "bold")), soft_wrap=True)
        console.print(Text.from_ansi(shown.output))
    page_source = console.export_html(theme=_THEME, inline_styles=True, code_format=_escaped(_PAGE))
    async with async_playwright() as playwright:
        # Chromium's sandbox is not available to root in containers
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = await browser.new_page(device_scale_factor=1.5)
        await page.set_content(page_source)
        shot = await page.locator("body").screenshot()
        await browser.close()
    file = FOLDER / f"{name}.webp"
    Image.open(io.BytesIO(shot)).save(file, quality=_QUALITY, method=6)
    return file


def _escaped(template: str) -> str:
    """Double the braces of style sheets, which Rich would read as its own."""
    for name in ("background", "foreground", "code"):
        template = template.replace(f"{{{name}}}", f"\0{name}\1")
    return template.replace("{", "{{").replace("}", "}}").replace("\0", "{").replace("\1", "}")
