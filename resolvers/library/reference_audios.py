"""Reference audio: a dated declaration of rights first, then the file, which tracks are made from until it expires."""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from core import clock, ids
from core.disk_space import DISK_FULL_ERRNOS
from core.errors import Conflict, InvalidInput, Problem, Unavailable
from core.licence import Licence, LicenceClass
from core.rights import RightsBasis
from core.settings import Settings
from engines.port import SAMPLE_RATE
from engines.remote import decoding
from engines.remote.decoding import UndecodableError
from resolvers.access import validation
from resolvers.access.context import Context
from resolvers.access.own_rows import OwnRows
from resolvers.access.validation import Unvalidated
from storage.queries import members, owned, reference_audios
from storage.tables import ReferenceAudio

_ROWS: Final = OwnRows(ReferenceAudio, ids.Kind.REFERENCE_AUDIO, "Reference audio", "reference_audio_id")

find, find_many, get, list_page, count = _ROWS.find, _ROWS.find_many, _ROWS.get, _ROWS.list_page, _ROWS.count


@dataclass(frozen=True, slots=True, config=validation.CONFIG)
class CreateReferenceAudio:
    """A declaration of rights to a file that the caller is about to upload."""

    basis: RightsBasis
    """`own_work`: you hold the rights to the music and to the recording. `licensed`: you have a licence or permission.
    `public_domain`: neither the music nor the recording is protected."""
    name: Annotated[str, validation.Text(1, 255)]
    """Name of the recording, for display."""
    statement: Annotated[str, validation.Text(1, 1000)] | None = None
    """Details of the declaration. Required for `licensed`: which licence, from whom."""
    licence_class: LicenceClass | None = None
    """For `licensed`: what the licence permits for tracks that are made from the recording; `unclear` by default."""
    attribution: Annotated[str, validation.Text(1, 500)] | None = None
    """Text by which uses credit the source, if they must."""

    @field_validator("licence_class")
    @classmethod
    def _check_licence_class(cls, licence_class: LicenceClass | None, info: ValidationInfo) -> LicenceClass | None:
        if licence_class is not None and info.data.get("basis") not in {None, RightsBasis.LICENSED}:
            raise validation.rule_error("Must be left out unless the basis is `licensed`.")
        return licence_class

    @property
    def permitted_use(self) -> LicenceClass:
        """What the rights permit; neither own work nor the public domain limits anything."""
        if self.basis is RightsBasis.LICENSED:
            return self.licence_class or LicenceClass.UNCLEAR
        return LicenceClass.COMMERCIAL_CLEARED


async def create(ctx: Context, organization_id: str, request: Unvalidated[CreateReferenceAudio]) -> ReferenceAudio:
    """Record a declaration of rights; its file is uploaded next. Raises InvalidInput, Conflict (too many uploads)."""
    caller = ctx.require_member(organization_id)
    command = request.validate(known_problems=_find_missing_statement(request))
    ctx.services.policy.require({"name": command.name})
    row = ReferenceAudio(
        id=ids.new(ids.Kind.REFERENCE_AUDIO),
        organization_id=organization_id,
        user_id=caller.user_id,
        name=command.name,
        basis=command.basis,
        statement=command.statement,
        licence_class=command.permitted_use,
        attribution=command.attribution,
    )
    limit = ctx.services.settings.reference_audio.max_per_user
    async with ctx.services.database.transaction() as session:
        # concurrent requests of one user count one after the other
        await members.lock_user(session, caller.user_id)
        if await owned.count(session, ReferenceAudio, organization_id, caller.user_id) >= limit:
            raise Conflict(f"You keep {limit} uploads, which is the limit: delete one first")
        session.add(row)
    return row


async def upload(
    ctx: Context, organization_id: str, reference_audio_id: str, blocks: AsyncIterator[bytes]
) -> ReferenceAudio:
    """Store the file of a declaration: decoded in a child process, and encoded as FLAC without its metadata.

    The same file again returns the row unchanged. Raises NotFound, Conflict (there is another file), InvalidInput (the
    file is not audio that is accepted), Unavailable.
    """
    row = await get(ctx, reference_audio_id, organization_id)
    services, settings = ctx.services, ctx.services.settings
    with tempfile.TemporaryDirectory(dir=settings.workers.scratch_dir) as name:
        source, target = Path(name) / "upload", Path(name) / "audio.flac"
        sent = await _receive(blocks, source)
        if row.uploaded_at is None:
            await services.blobs.check_space()
            try:
                async with services.decoders:
                    audio, _ = await decoding.decode(source, target, settings.reference_audio.max_seconds)
            except UndecodableError as error:
                raise InvalidInput([Problem(("file",), str(error))]) from None
            blob = await services.blobs.put(target, ".flac")
            async with services.database.transaction() as session:
                seconds = round(audio.frames / SAMPLE_RATE, 3)
                await reference_audios.set_file(session, row, blob.key, sent, seconds, clock.now())
            row = await get(ctx, reference_audio_id, organization_id)
    if row.sha256 != sent[0]:
        raise Conflict("The declaration has another file: create a new one for this file")
    return row


async def delete(ctx: Context, reference_audio_id: str, organization_id: str | None = None) -> ReferenceAudio:
    """Delete an upload. Jobs that need its file fail; tracks that were made from it keep its declaration.

    Raises NotFound.
    """
    async with ctx.services.database.transaction() as session:
        row = await _ROWS.lock(ctx, session, reference_audio_id, ctx.scope(organization_id))
        row.blob_key, row.deleted_at = None, clock.now()
    return row


def expires_at(settings: Settings, row: ReferenceAudio) -> datetime:
    """Return the time after which an upload is deleted."""
    return row.created_at + timedelta(days=settings.retention.reference_audios_days)


def licence_of(row: ReferenceAudio) -> Licence:
    """Return the licence that the declaration allows for music that is made from the recording."""
    attribution = row.attribution or ""
    return Licence(row.licence_class, f"{row.created_at:%Y-%m-%d}", bool(attribution), attribution)


def upload_path(row: ReferenceAudio) -> str:
    """Return the path of this server to which the file is sent."""
    return f"/v1/music/{row.organization_id}/reference-audios/{row.id}/file"


def _find_missing_statement(request: Unvalidated[CreateReferenceAudio]) -> list[Problem]:
    is_licensed = request.fields.get("basis") == RightsBasis.LICENSED
    if not is_licensed or request.fields.get("statement") is not None:
        return []
    return [Problem(("statement",), "Is required for `licensed`: name the licence and who granted it.")]


async def _receive(blocks: AsyncIterator[bytes], target: Path) -> tuple[str, int]:
    """Write a body to a file and return its SHA-256 and size. Raises InvalidInput (it is empty), Unavailable."""
    digest, size = hashlib.sha256(), 0
    try:
        with target.open("wb") as opened:
            async for block in blocks:
                digest.update(block)
                size += len(block)
                opened.write(block)
    except OSError as error:
        if error.errno in DISK_FULL_ERRNOS:
            raise Unavailable("The disk of the scratch folder is full") from error
        raise
    if not size:
        raise InvalidInput([Problem(("file",), "The file is empty.")])
    return digest.hexdigest(), size
