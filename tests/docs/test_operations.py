"""Every command block of docs/operations runs, or states what it needs; messages and links exist."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import redis

from core.settings import PROJECT, Settings
from server import supervision
from server.embedded import ports
from tests.support import guide_snippets
from tests.support.guide_snippets import GuideRunner, Snippet
from tests.support.processes import forked_studio
from tests.support.users import Cast

FOLDER: Final = PROJECT / "docs" / "operations"
PAGES: Final = sorted(FOLDER.glob("*.md"))
SEVERAL: Final = FOLDER / "several-machines.md"
LINKED: Final = [
    *PAGES,
    PROJECT / "README.md",
    PROJECT / "docs" / "README.md",
    PROJECT / "docs" / "reference" / "settings.md",
]
LANGUAGES: Final = {"bash", "text", "json", "yaml", "graphql"}
NEEDS: Final = {"root", "docker", "kubernetes", "postgres", "valkey", "systemd", "proxy", "bucket", "minutes", "empty"}
"""What a block may need that tests do not have: a program, a service, an account, long runs, an empty installation."""


def commands(page: Path) -> list[Snippet]:
    return [snippet for snippet in guide_snippets.load_snippets(page) if snippet.language == "bash"]


def runnable(page: Path) -> list[Snippet]:
    return [snippet for snippet in commands(page) if not snippet.info.startswith("needs=")]


@pytest.fixture(scope="module", autouse=True)
def _programs() -> None:
    missing = [name for name in ("bash", "curl", "openssl", "basenc") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.mark.parametrize(
    "page", [page for page in PAGES if runnable(page) and page != SEVERAL], ids=lambda page: page.stem
)
@pytest.mark.usefixtures("database")
async def test_the_commands_of_a_page_run(
    settings: Settings, server_url: str, cast: Cast, tmp_path: Path, page: Path
) -> None:
    # keys that a page rotates are in a data folder of its own
    own = settings.model_copy(update={"data_dir": tmp_path / "data"})
    variables = supervision.environment_variables(own)
    variables |= {"ORG": cast.ada.organization_id, "USER_ID": cast.ada.user_id, "KEY": cast.ada.key}
    with forked_studio.installed_in(tmp_path):
        await asyncio.to_thread(
            run,
            GuideRunner(server_url, variables, tmp_path),
            page,
            {"http://127.0.0.1:8080": server_url, "/mnt/backups": str(tmp_path / "backups")},
        )


@pytest.fixture
async def empty_database(settings: Settings, worker_id: str) -> AsyncIterator[str]:
    """Return the URL of a database without a schema."""
    name, admin = f"several_{worker_id}", await asyncpg.connect(settings.database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield f"{str(settings.database_url).rpartition('/')[0]}/{name}"
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
def empty_redis_url(quiet_redis_url: str) -> Iterator[str]:
    """Return the URL of a Valkey database that is emptied before and after the test."""
    with redis.Redis.from_url(quiet_redis_url) as connection:
        connection.flushdb()
        yield quiet_redis_url
        connection.flushdb()


async def test_an_installation_on_several_machines_works(
    empty_database: str, empty_redis_url: str, tmp_path: Path
) -> None:
    first, second = str(ports.find_free()), str(ports.find_free())
    places = {
        "postgresql://studio:secret@db.internal:5432/studio": empty_database,
        "redis://:secret@db.internal:6379/0": empty_redis_url,
        "MUSIC_STUDIO_STORAGE=/srv/music-studio": f"MUSIC_STUDIO_STORAGE={tmp_path}/blobs",
        "8080": first,
        "8081": second,
    }
    variables = {"MUSIC_STUDIO_DATA_DIR": str(tmp_path / "data")}
    with forked_studio.installed_in(tmp_path):
        await asyncio.to_thread(run, GuideRunner("", variables, tmp_path), SEVERAL, places)
    assert (tmp_path / "first.mp3").stat().st_size > 50_000


def run(runner: GuideRunner, page: Path, places: dict[str, str]) -> None:
    """Run the blocks of a page in order, with other addresses. Those marked `background` end with the page."""
    with ExitStack() as stack:
        for snippet in runnable(page):
            text = snippet.text
            for old, new in places.items():
                text = text.replace(old, new)
            if snippet.info == "background":
                stack.enter_context(_background(runner, text, f"line-{snippet.line}"))
            else:
                runner.follow([replace(snippet, text=text)])


@contextmanager
def _background(runner: GuideRunner, text: str, name: str) -> Iterator[None]:
    log = runner.folder / f"{name}.log"
    with (
        log.open("w") as output,
        subprocess.Popen(  # noqa: S603  our own page
            ["/bin/bash", "-c", f"exec {text}"],
            cwd=runner.folder,
            env={"PATH": "/usr/bin:/bin", **runner.variables},
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_has_a_language_and_every_command_runs_or_states_what_it_needs(page: Path) -> None:
    snippets = guide_snippets.load_snippets(page)
    assert len(snippets) * 2 == len(re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {snippet.language for snippet in snippets} <= LANGUAGES
    for snippet in commands(page):
        assert snippet.info in {"", "background", *(f"needs={need}" for need in NEEDS)}, snippet.line
        checked = subprocess.run(["/bin/bash", "-n"], input=snippet.text, text=True, capture_output=True, check=False)
        assert checked.returncode == 0, f"line {snippet.line}: {checked.stderr}"


def test_the_index_lists_every_page() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- \[.+?\]\(([\w-]+\.md)\)", index, re.MULTILINE)
    assert sorted(listed) == [page.name for page in PAGES if page.name != "README.md"]


@pytest.mark.parametrize("page", LINKED, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_relative_link_has_a_target(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", page.read_text(encoding="utf-8")):
        path = page.parent / target if target else page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub builds them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def messages() -> list[str]:
    """Return the messages of the tables of the page Troubleshoot: texts in code spans of the columns for messages."""
    found: list[str] = []
    column = 0
    for line in (FOLDER / "troubleshoot.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if "message" in cells:
            column = cells.index("message")
        elif "what you see" in cells or not cells:
            column = -1 if cells else column
        elif column >= 0:
            found += [text.replace("\\`", "`") for text in re.findall(r"`((?:[^`\\]|\\`)+)`", cells[column])]
    return found


def source_texts() -> str:
    """Return the source code with the parts of literals joined, and every f-string field as `…`."""
    folders = ("core", "server", "storage", "workers", "resolvers", "schema")
    paths = [path for folder in folders for path in (PROJECT / folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*paths, PROJECT / "studio"])
    return re.sub(r'"\n\s*f?"', "", text).replace("{COMMAND}", "./studio").replace("{console.COMMAND}", "./studio")


def test_the_messages_are_those_of_the_program() -> None:
    source, found = source_texts(), messages()
    assert len(found) >= 45
    unknown = [
        message
        for message in found
        if not all(part in source for part in re.split(r"…|\.\.\.", message) if len(part.strip(" .:;,()")) > 3)
    ]
    assert unknown == []
