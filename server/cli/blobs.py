"""``studio storage``: check a blob store, copy files to another one."""

import asyncio
import textwrap
from typing import Annotated, Final

import httpx
import typer
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from core import logs
from core.errors import Unavailable
from core.settings import Settings
from server import bootstrap
from server.cli import console, output
from server.cli.console import DataDir, JsonOption, err
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from storage.maintenance import copy_blobs
from storage.maintenance.check_blobs import Download, check_store
from storage.maintenance.copy_blobs import CopyProgress
from storage.postgres.database import Database

storage = typer.Typer(no_args_is_help=True, help="Check and migrate the blob store.")

_STEP_RESULTS: Final = {
    "credentials": ("is reachable and accepts the credentials", "cannot be used"),
    "write": ("can be written", "cannot be written"),
    "list": ("can be listed", "cannot be listed"),
    "read": ("returns what was written", "cannot be read"),
    "sign": ("serves files by signed URLs", "does not serve files by signed URLs"),
    "remove": ("can delete files", "cannot delete files"),
}
"""The message of each step if it succeeds, and if it fails."""
_LOG_CONFIGURATION: Final = ("error", "text")  # the commands print their own messages
_MAX_CAUSE_CHARACTERS: Final = 300


@storage.command("check")
def check(
    at: Annotated[str | None, typer.Option(help="Folder or gs://bucket/prefix. Default: the setting.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Write, list, read, sign and delete a test file. Exit status: 0 if all steps succeed, else 1."""
    settings = console.load_settings(data_dir=data_dir)
    location = at or settings.storage or str(settings.storage_dir)
    with console.errors_reported():
        steps = asyncio.run(_check(settings, location))
    if console.prints_json.get():
        output.print_json([{"step": name, "is_passed": not error, "error": error} for name, error in steps])
    failed_count = sum(error is not None for _, error in steps)
    if failed_count:
        console.fail(f"{location} is not ready: {failed_count} steps failed.")
    if not console.prints_json.get():
        console.out.print(f"{location} is ready.", markup=False)


@storage.command("migrate")
def migrate(
    source: Annotated[str, typer.Option("--from", help="Folder or gs://bucket/prefix.")],
    target: Annotated[str, typer.Option("--to", help="Folder or gs://bucket/prefix.")],
    everything: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--all", help="Copy all files, also those that the database does not reference.")
    ] = False,
    as_json: JsonOption = False,  # noqa: FBT002, ARG001  its callback reads it
    data_dir: DataDir = None,
) -> None:
    """Copy files to another blob store and verify their hashes. A repeated run skips files that exist.

    Exit status: 0 success, 1 error, missing or damaged files.
    """
    settings = console.load_settings(data_dir=data_dir)
    if everything:
        with console.errors_reported():
            result = asyncio.run(_migrate(settings, source, target, None))
    else:
        result = console.run_with_database(settings, lambda database: _migrate(settings, source, target, database))
    size = decimal(result.copied_bytes)
    output.print_done(
        f"{result.copied} files ({size}) copied to {target}; {result.present} existed already.",
        copied=result.copied,
        copied_bytes=result.copied_bytes,
        present=result.present,
        missing=result.missing,
        damaged=result.damaged,
    )
    for keys, state in ((result.missing, "missing from"), (result.damaged, "damaged in")):
        for key in keys:
            err.print(f"{key} is {state} {source}.", markup=False)
    if result.missing or result.damaged:
        console.fail(f"{len(result.missing)} files are missing and {len(result.damaged)} damaged; the rest was copied.")


async def _check(settings: Settings, location: str) -> list[tuple[str, str | None]]:
    """Return the steps with the errors of the failed ones, and print each, unless the command prints JSON."""
    logs.configure(*_LOG_CONFIGURATION)
    found: list[tuple[str, str | None]] = []
    async with bootstrap.open_blob_store(settings, location) as store:
        async for step in check_store(store, _downloader(bootstrap.build_url_signer(settings), store)):
            error = f"{step.error.technical}{_cause(step.error.__cause__)}" if step.error else None
            found.append((step.name, error))
            if not console.prints_json.get():
                console.out.print(_describe(location, step.name, error), markup=False, style="red" if error else None)
    return found


def _describe(location: str, step: str, error: str | None) -> str:
    passed, failed = _STEP_RESULTS[step]
    return f"ok      {location} {passed}." if error is None else f"FAILED  {location} {failed}: {error}."


def _cause(error: BaseException | None) -> str:
    """Return the message of the storage service in parentheses. API responses do not contain it."""
    if error is None or type(error).__module__ == "builtins":
        return ""
    return f" ({textwrap.shorten(str(error), _MAX_CAUSE_CHARACTERS, placeholder=' ...')})"


def _downloader(links: UrlSigner, store: BlobStore) -> Download:
    """Return a function that downloads a signed URL. The server may not run, so its URLs are read from the store."""

    async def download(url: str) -> bytes:
        own = links.parse(url)
        if own is not None:
            return b"".join([block async for block in store.read(own.key)]) if links.is_valid(own) else b""
        try:
            async with httpx.AsyncClient(timeout=30) as client:
                response = await client.get(url)
        except httpx.HTTPError as error:
            raise Unavailable("The signed URL cannot be reached") from error
        if not response.is_success:
            raise Unavailable(f"The signed URL returns status {response.status_code}; can its signer read the bucket?")
        return response.content

    return download


async def _migrate(settings: Settings, source: str, target: str, database: Database | None) -> CopyProgress:
    """Copy the files that the database references, or all files if it is None."""
    logs.configure(*_LOG_CONFIGURATION)
    async with bootstrap.open_blob_store(settings, source) as from_, bootstrap.open_blob_store(settings, target) as to:
        for store in (from_, to):
            await store.check()
        if database is None:
            total, keys = len([key async for key in copy_blobs.all_keys(from_)]), copy_blobs.all_keys(from_)
        else:
            total, keys = await copy_blobs.count_referenced(database), copy_blobs.referenced_keys(database)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TextColumn("{task.fields[bytes]}"), TimeRemainingColumn(), console=err) as progress:
            task = progress.add_task("files", total=total, bytes="")
            return await copy_blobs.copy(from_, to, keys, lambda state: _show(progress, task, state))


def _show(progress: Progress, task: TaskID, state: CopyProgress) -> None:
    done = state.copied + state.present + len(state.missing) + len(state.damaged)
    progress.update(task, completed=done, bytes=decimal(state.copied_bytes))
