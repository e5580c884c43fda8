"""Where files are kept: proves that it works, copies all of it elsewhere."""

import asyncio
import textwrap
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Final

import httpx
import typer
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from core import logs
from core.errors import Unavailable
from core.settings import Settings
from server import bootstrap
from server.cli import console
from server.cli.console import DataDir, Folder, err, out
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.blobs.signed_urls import UrlSigner
from storage.maintenance import copy_blobs
from storage.maintenance.check_blobs import CheckStep, Download, check_store
from storage.maintenance.copy_blobs import CopyProgress
from storage.postgres.database import Database

storage = typer.Typer(no_args_is_help=True, help="Where files are kept.")

_DONE: Final = {
    "credentials": "is reached, and accepts the credentials",
    "write": "can be written",
    "list": "can be listed",
    "read": "gives back what was written",
    "sign": "hands files out by signed links",
    "remove": "can be cleared",
}
_FAILED: Final = {
    "credentials": "cannot be used",
    "write": "cannot be written",
    "list": "cannot be listed",
    "read": "cannot be read",
    "sign": "does not hand files out by signed links",
    "remove": "cannot be cleared",
}
_QUIET: Final = ("error", "text")  # a sentence tells what happened, not a log
_REASON_CHARACTERS: Final = 300


@storage.command("check")
def check(
    at: Annotated[str | None, typer.Option(help="A folder or gs://bucket/prefix; if left out, the setting.")] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Write, list, read, sign and remove a file of its own. Ends with status 1 if anything cannot be done."""
    chosen = console.load_settings(data_dir=data_dir)
    place = at or chosen.storage or str(chosen.storage_dir)
    failed = asyncio.run(_check(chosen, place))
    if failed:
        console.fail(f"{place} is not ready: {failed} of its duties failed.")
    out.print(f"{place} is ready.", markup=False)


@storage.command("migrate")
def migrate(
    source: Annotated[str, typer.Option("--from", help="A folder or gs://bucket/prefix.")],
    target: Annotated[str, typer.Option("--to", help="A folder or gs://bucket/prefix.")],
    everything: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--all", help="Every file there is, not only those that the database names.")
    ] = False,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Copy files to another place, each checked by its hash. Begun again, it goes on where it stopped."""
    chosen = console.load_settings(data_dir=data_dir)
    if everything:
        with console.errors_reported():
            moved = asyncio.run(_migrate(chosen, source, target, None))
    else:
        moved = console.run_with_database(chosen, lambda database: _migrate(chosen, source, target, database))
    _tell(moved, source, target)


async def _check(chosen: Settings, place: str) -> int:
    logs.configure(*_QUIET)
    links, failed = bootstrap.build_url_signer(chosen), 0
    async with _store(place, chosen, links) as store:
        async for step in check_store(store, _following(links, store)):
            out.print(_sentence(place, step), markup=False, style="red" if step.error else None)
            failed += step.error is not None
    return failed


def _sentence(place: str, step: CheckStep) -> str:
    if step.error is None:
        return f"ok      {place} {_DONE[step.name]}."
    return f"FAILED  {place} {_FAILED[step.name]}: {step.error.technical}{_said(step.error.__cause__)}."


def _said(cause: BaseException | None) -> str:
    """What the other side said: not for callers, but the operator wants to know."""
    if cause is None or type(cause).__module__ == "builtins":
        return ""
    return f" ({textwrap.shorten(str(cause), _REASON_CHARACTERS, placeholder=' ...')})"


def _following(links: UrlSigner, store: BlobStore) -> Download:
    """Follows links: those of our own server as it would, for it may not run; others over the network."""

    async def follow(url: str) -> bytes:
        own = links.parse(url)
        if own is not None:
            return b"".join([block async for block in store.read(own.key)]) if links.is_valid(own) else b""
        try:
            async with httpx.AsyncClient(timeout=30) as client:
                answer = await client.get(url)
        except httpx.HTTPError as error:
            raise Unavailable("The link cannot be followed") from error
        if not answer.is_success:
            raise Unavailable(f"The link is refused with status {answer.status_code}; may its signer read the bucket?")
        return answer.content

    return follow


@asynccontextmanager
async def _store(place: str, chosen: Settings, links: UrlSigner) -> AsyncIterator[BlobStore]:
    try:
        store = factory.create_at(place, chosen, links)
    except ValueError as error:
        console.fail(f"{error}.")
    try:
        yield store
    finally:
        await store.close()


async def _migrate(chosen: Settings, source: str, target: str, database: Database | None) -> CopyProgress:
    """Without a database: every file of the source."""
    logs.configure(*_QUIET)
    links = bootstrap.build_url_signer(chosen)
    async with AsyncExitStack() as open_stores:
        from_, to = [await open_stores.enter_async_context(_store(place, chosen, links)) for place in (source, target)]
        for store in (from_, to):
            await store.check()
        if database is None:
            total, wanted = len([key async for key in copy_blobs.all_keys(from_)]), copy_blobs.all_keys(from_)
        else:
            total, wanted = await copy_blobs.count_referenced(database), copy_blobs.referenced_keys(database)
        with _progress() as progress:
            task = progress.add_task("files", total=total, bytes="")
            return await copy_blobs.copy(from_, to, wanted, lambda moved: _show(progress, task, moved))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[bytes]}"))
    return Progress(*columns, TimeRemainingColumn(), console=err)


def _show(progress: Progress, task: TaskID, moved: CopyProgress) -> None:
    done = moved.copied + moved.present + len(moved.missing) + len(moved.damaged)
    progress.update(task, completed=done, bytes=decimal(moved.copied_bytes))


def _tell(moved: CopyProgress, source: str, target: str) -> None:
    size = decimal(moved.copied_bytes)
    out.print(f"{moved.copied} files ({size}) copied to {target}, {moved.present} were there already.", markup=False)
    for keys, what in ((moved.missing, "missing from"), (moved.damaged, "damaged in")):
        for key in keys:
            err.print(f"{key} is {what} {source}.", markup=False)
    if moved.missing or moved.damaged:
        console.fail(f"{len(moved.missing)} files are missing and {len(moved.damaged)} damaged; the rest is copied.")
