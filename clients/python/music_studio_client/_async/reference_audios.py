"""Upload recordings to make tracks from them."""

from collections.abc import AsyncIterator
from pathlib import Path

from music_studio_client._async import files
from music_studio_client._async.resources import Resource, existing
from music_studio_client.errors import payload_of
from music_studio_client.graphql.create_reference_audio import (
    CreateReferenceAudioResultCreateReferenceAudioPayload,
)
from music_studio_client.graphql.delete_reference_audio import (
    DeleteReferenceAudioResultDeleteReferenceAudioPayload,
)
from music_studio_client.graphql.input_types import CreateReferenceAudioInput, DeleteReferenceAudioInput
from music_studio_client.graphql.list_reference_audios import ListReferenceAudiosOrganizationReferenceAudios
from music_studio_client.models import LicenceClass, ReferenceAudio, RightsBasis


class ReferenceAudios(Resource):
    """Uploads, each with a declaration of rights."""

    async def upload(
        self,
        path: str | Path,
        basis: RightsBasis,
        *,
        name: str | None = None,
        statement: str | None = None,
        licence_class: LicenceClass | None = None,
        attribution: str | None = None,
    ) -> ReferenceAudio:
        """Declare why you may use a recording, and upload its file: MP3, FLAC, WAV or Ogg.

        By default the name is that of the file. `LICENSED` requires a `statement`: which licence, from whom; its
        `licence_class` is what it permits for tracks that are made from the recording.
        """
        file = Path(path)
        fields = {
            "organizationId": await self.organization.id(),
            "basis": basis,
            "name": name or file.name,
            "statement": statement,
            "licenceClass": licence_class,
            "attribution": attribution,
        }
        request = CreateReferenceAudioInput.model_validate(
            {name: value for name, value in fields.items() if value is not None}
        )
        result = await self.operations.create_reference_audio(request)
        declared = payload_of(result, CreateReferenceAudioResultCreateReferenceAudioPayload).reference_audio
        await files.upload(self.operations.http, str(declared.upload_url), file, self.operations.headers)
        return await self.get(declared.id)

    async def get(self, reference_audio_id: str) -> ReferenceAudio:
        """Return an upload. Raises NotFoundError."""
        found = await self.operations.get_reference_audio(reference_audio_id)
        return existing(found, ReferenceAudio, f"upload {reference_audio_id}")

    async def list(self, *, page_size: int = 50) -> AsyncIterator[ReferenceAudio]:
        """Yield the uploads, newest first. Pages are requested as needed."""
        organization_id = await self.organization.id()

        async def load(after: str | None) -> ListReferenceAudiosOrganizationReferenceAudios | None:
            found = await self.operations.list_reference_audios(organization_id, page_size, after)
            return found.reference_audios if found else None

        async for row in self.paginate(load):
            yield row

    async def delete(self, reference_audio_id: str) -> None:
        """Delete an upload. Tracks that were made from it remain."""
        result = await self.operations.delete_reference_audio(DeleteReferenceAudioInput(id=reference_audio_id))
        payload_of(result, DeleteReferenceAudioResultDeleteReferenceAudioPayload)
