"""``studio export`` and ``studio import``: all that a user has, out of an installation and into another one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from core import logs
from core.errors import InvalidInput, NotFound, Problem
from core.settings import Settings
from resolvers.signing import keyring, signatures
from server import bootstrap
from server.cli import console
from server.cli.console import DataDir, Folder, err, out
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from storage.queries import accounts, archives
from storage.queries.archives import Owner
from storage.tables import Organization, User
from workers.archives import exporter, importer
from workers.archives.exporter import ExportResult, ExportSource
from workers.archives.importer import ImportResult, ImportTarget
from workers.archives.records import ArchiveError

UserOption = Annotated[str, typer.Option("--user", help="Whose things.")]


def export(
    user: UserOption,
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="The archive to write.")],
    organization: Annotated[str | None, typer.Option(help="Only what is in this organization.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,  # noqa: FBT002
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Write all that a user has into one archive: tracks, scores, licences, collections, history."""
    chosen = console.load_settings(data_dir=data_dir)
    if output.exists() and not force:
        console.fail(f"{output} is there already: choose another name, or add --force.")
    draft = output.with_name(f"{output.name}.part")
    try:
        # for its owner only: it holds all that somebody has
        draft.touch(mode=0o600)
        written = console.run_with_database(
            chosen, lambda database: _export(chosen, database, user, organization, draft)
        )
        draft.replace(output)
    except OSError as error:
        console.fail(f"{output} cannot be written ({error.strerror}).")
    finally:
        draft.unlink(missing_ok=True)
    size = decimal(output.stat().st_size)
    out.print(f"{written.track_count} tracks and {written.job_count} other jobs in {output} ({size}).", markup=False)
    for path in written.missing:
        err.print(f"{path} is missing: the storage has lost it.", markup=False)
    if written.missing:
        console.fail(f"{len(written.missing)} files are missing; the rest is in the archive.")


def import_(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive that `export` wrote.")],
    user: Annotated[str, typer.Option(help="Whose the things shall be.")],
    organization: Annotated[str, typer.Option(help="The organization that they shall be in.")],
    keys: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Public keys of the installation that wrote it: then every licence must be as its receipt says.",
        ),
    ] = None,
    data_dir: Annotated[Folder | None, DataDir] = None,
) -> None:
    """Bring an archive into this installation. Each track comes whole or not at all; again, nothing comes twice."""
    chosen = console.load_settings(data_dir=data_dir)
    try:
        known = signatures.read_keys(orjson.loads(keys.read_bytes())) if keys else None
    except ValueError as error:
        console.fail(f"{keys} holds no public keys ({error}).")
    try:
        done = console.run_with_database(
            chosen, lambda database: _import(chosen, database, archive, (user, organization), known)
        )
    except ArchiveError as damage:
        console.fail(f"{archive}: {damage}.")
    if keys is None:
        out.print("Licences are taken as the archive tells them: with --keys they are checked.", markup=False)
    _tell(done)


async def _export(
    chosen: Settings, database: Database, user_id: str, organization_id: str | None, path: Path
) -> ExportResult:
    logs.configure("error", "text")
    owner = await _exporter(database, user_id, organization_id)
    async with _store(chosen) as blobs:
        source = ExportSource(database, blobs, keyring.receipt_signer(chosen), chosen.public_url)
        with _progress() as progress:
            task = progress.add_task("archive", total=1.0)

            async def tell(fraction: float) -> None:
                progress.update(task, completed=fraction)

            return await exporter.write(source, owner, path, tell)


async def _import(
    chosen: Settings,
    database: Database,
    archive: Path,
    whose: tuple[str, str],
    keys: signatures.PublicKeys | None,
) -> ImportResult:
    logs.configure("error", "text")
    user_id, organization_id = whose
    await _check_importer(database, user_id, organization_id)
    async with _store(chosen) as blobs:
        await blobs.check()
        return await importer.read(
            archive, ImportTarget(database, blobs, user_id, organization_id, keys, chosen.workers.scratch_dir)
        )


async def _exporter(database: Database, user_id: str, organization_id: str | None) -> Owner:
    """The user, in one or all of the organizations that it has things in. Raises NotFound."""
    async with database.transaction() as session:
        if await session.get(User, user_id) is None:
            raise NotFound(f"User {user_id}", user_id=user_id)
        homes = await archives.list_organization_ids(session, user_id)
    if organization_id is not None and organization_id not in homes:
        raise NotFound(f"Anything of {user_id} in organization {organization_id}", organization_id=organization_id)
    return Owner(user_id, homes if organization_id is None else [organization_id])


async def _check_importer(database: Database, user_id: str, organization_id: str) -> None:
    """Who has no membership at all has them from tokens. Raises NotFound, InvalidInput."""
    async with database.transaction() as session:
        if await session.get(User, user_id) is None:
            raise NotFound(f"User {user_id}", user_id=user_id)
        if await session.get(Organization, organization_id) is None:
            raise NotFound(f"Organization {organization_id}", organization_id=organization_id)
        member_of = await accounts.list_organization_ids(session, user_id)
    if member_of and organization_id not in member_of:
        raise InvalidInput([Problem(("organization",), f"{user_id} is no member of {organization_id}.")])


def _tell(done: ImportResult) -> None:
    out.print(
        f"{done.tracks} tracks, {done.jobs} other jobs, {done.sessions} focus sessions and {done.collections} "
        f"collections are new; {done.present} things were here already.",
        markup=False,
    )
    for sentence in done.skipped:
        err.print(sentence, markup=False)
    if done.skipped:
        console.fail(f"{len(done.skipped) + done.skipped_unlisted} objects were skipped; the rest was imported.")


@asynccontextmanager
async def _store(chosen: Settings) -> AsyncIterator[BlobStore]:
    try:
        store = factory.create(chosen, bootstrap.build_url_signer(chosen))
    except ValueError as error:
        console.fail(f"{error}.")
    try:
        yield store
    finally:
        await store.close()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err)
