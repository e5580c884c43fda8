"""``studio export`` and ``studio import``: move a user's library between installations as an archive."""

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from core import logs
from core.errors import InvalidInput, NotFound, Problem
from core.settings import Settings
from resolvers.access import content_policy
from resolvers.access.content_policy import Policy
from resolvers.signing import keyring, signatures
from server import bootstrap
from server.cli import console
from server.cli.console import DataDir, err, out
from storage.postgres.database import Database
from storage.queries import accounts, archives
from storage.queries.archives import Owner
from storage.tables import Organization, User
from workers.archives import exporter, importer
from workers.archives.exporter import ExportResult, ExportSource
from workers.archives.importer import ImportResult, ImportTarget
from workers.archives.records import ArchiveError


def export(
    user: Annotated[str, typer.Option("--user", help="Id of the user.")],
    output: Annotated[Path, typer.Option("--output", "-o", dir_okay=False, help="Archive to write.")],
    organization: Annotated[str | None, typer.Option(help="Export only this organization.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,  # noqa: FBT002
    data_dir: DataDir = None,
) -> None:
    """Write a user's tracks, scores, licences, collections and history to an archive.

    Exit status: 0 success, 1 error or missing files.
    """
    settings = console.load_settings(data_dir=data_dir)
    if output.exists() and not force:
        console.fail(f"{output} exists: choose another name, or add --force.")
    draft = output.with_name(f"{output.name}.part")
    try:
        # readable by its owner only: it contains all data of a user
        draft.touch(mode=0o600)
        result = console.run_with_database(
            settings, lambda database: _export(settings, database, user, organization, draft)
        )
        draft.replace(output)
    except OSError as error:
        console.fail(f"{output} cannot be written ({error.strerror}).")
    finally:
        draft.unlink(missing_ok=True)
    size = decimal(output.stat().st_size)
    out.print(f"{result.track_count} tracks and {result.job_count} other jobs in {output} ({size}).", markup=False)
    for path in result.missing:
        err.print(f"{path} is missing from the blob store.", markup=False)
    if result.missing:
        console.fail(f"{len(result.missing)} files are missing; the rest is in the archive.")


def import_(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Archive from `export`.")],
    user: Annotated[str, typer.Option(help="Id of the user who gets the data.")],
    organization: Annotated[str, typer.Option(help="Id of the organization that gets the data.")],
    keys: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Public keys of the exporting installation. Import only tracks that match their signed receipts.",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import an archive. Each track is imported completely or not at all; existing objects are not duplicated.

    Exit status: 0 success, 1 error or skipped objects.
    """
    settings = console.load_settings(data_dir=data_dir)
    try:
        public_keys = signatures.parse_jwks(orjson.loads(keys.read_bytes())) if keys else None
    except ValueError as error:
        console.fail(f"{keys} is not a set of public keys ({error}).")
    try:
        policy = content_policy.load(settings.policy_file)
    except ValueError as error:
        console.fail(str(error))
    try:
        result = console.run_with_database(
            settings, lambda database: _import(settings, database, archive, user, organization, policy, public_keys)
        )
    except ArchiveError as error:
        console.fail(f"{archive}: {error}.")
    if keys is None:
        out.print(
            "Receipts were not verified, so that licences of new tracks are unclear: use --keys to keep them.",
            markup=False,
        )
    out.print(
        f"{result.tracks} tracks, {result.jobs} other jobs, {result.sessions} focus sessions and {result.collections} "
        f"collections were imported; {result.present} objects existed already.",
        markup=False,
    )
    for message in result.skipped:
        err.print(message, markup=False)
    if result.skipped:
        console.fail(f"{len(result.skipped) + result.skipped_unlisted} objects were skipped; the rest was imported.")


async def _export(
    settings: Settings, database: Database, user_id: str, organization_id: str | None, path: Path
) -> ExportResult:
    logs.configure("error", "text")
    owner = await _load_owner(database, user_id, organization_id)
    async with bootstrap.open_blob_store(settings) as blobs:
        source = ExportSource(database, blobs, keyring.load_receipt_signer(settings), settings.public_url)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err) as progress:
            task = progress.add_task("archive", total=1.0)

            async def show_progress(fraction: float) -> None:
                progress.update(task, completed=fraction)

            return await exporter.write(source, owner, path, show_progress)


async def _import(
    settings: Settings,
    database: Database,
    archive: Path,
    user_id: str,
    organization_id: str,
    policy: Policy,
    keys: signatures.PublicKeys | None,
) -> ImportResult:
    logs.configure("error", "text")
    await _check_target(database, user_id, organization_id)
    async with bootstrap.open_blob_store(settings) as blobs:
        await blobs.check()
        return await importer.read(
            archive,
            ImportTarget(database, blobs, user_id, organization_id, policy, keys, settings.workers.scratch_dir),
        )


async def _load_owner(database: Database, user_id: str, organization_id: str | None) -> Owner:
    """Return the user with the organizations to export. Raises NotFound."""
    async with database.transaction() as session:
        if await session.get(User, user_id) is None:
            raise NotFound(f"User {user_id}", user_id=user_id)
        organization_ids = await archives.list_organization_ids(session, user_id)
    if organization_id is not None and organization_id not in organization_ids:
        raise NotFound(f"Data of {user_id} in organization {organization_id}", organization_id=organization_id)
    return Owner(user_id, organization_ids if organization_id is None else [organization_id])


async def _check_target(database: Database, user_id: str, organization_id: str) -> None:
    """Raise NotFound or InvalidInput for an invalid target. Without stored memberships, tokens may grant them."""
    async with database.transaction() as session:
        if await session.get(User, user_id) is None:
            raise NotFound(f"User {user_id}", user_id=user_id)
        if await session.get(Organization, organization_id) is None:
            raise NotFound(f"Organization {organization_id}", organization_id=organization_id)
        memberships = await accounts.list_organization_ids(session, user_id)
    if memberships and organization_id not in memberships:
        raise InvalidInput([Problem(("organization",), f"{user_id} is not a member of {organization_id}.")])
