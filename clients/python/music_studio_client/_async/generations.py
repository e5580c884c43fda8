"""Make tracks: create generations, follow and cancel them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from music_studio_client._async.concurrency import closing
from music_studio_client._async.resources import Resource, existing, resume
from music_studio_client.errors import ConnectionFailedError, GenerationEndedError, payload_of
from music_studio_client.graphql.cancel_generation import CancelGenerationResultCancelGenerationPayload
from music_studio_client.graphql.create_generation import CreateGenerationResultCreateGenerationPayload
from music_studio_client.graphql.enums import GenerationStatus
from music_studio_client.graphql.input_types import (
    CancelGenerationInput,
    CreateGenerationInput,
    ExplainPromptInput,
    InstrumentSelectionInput,
    SourceInput,
)
from music_studio_client.graphql.list_generations import ListGenerationsOrganizationGenerations
from music_studio_client.models import CreatedGeneration, Generation, GenerationState, PromptReading, Track

_UNFINISHED: Final = (GenerationStatus.QUEUED, GenerationStatus.RUNNING)


class Generations(Resource):
    """The generations of an organization."""

    async def create(
        self,
        prompt: str,
        *,
        duration_seconds: int = 60,
        engine: str | None = None,
        title: str | None = None,
        style_tags: Sequence[str] = (),
        lyrics: str | None = None,
        lyrics_language: str | None = None,
        instrumental: bool | None = None,
        tempo_bpm: float | None = None,
        key: str | None = None,
        metre: str | None = None,
        negative_prompt: str | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        only: Sequence[str] = (),
        structure: Sequence[str] = (),
        intensity: float | None = None,
        density: float | None = None,
        brightness: float | None = None,
        seed: int | None = None,
        loop: bool = False,
        seed_track_id: str | None = None,
        source: SourceInput | None = None,
        save_to_library: bool = False,
        callback_url: str | None = None,
        callback_secret: str | None = None,
        idempotency_key: str | None = None,
    ) -> CreatedGeneration:
        """Create a generation and return at once; it costs money when its track is finished.

        With an `idempotency_key`, a repeated call returns the first generation instead of paying for another.
        `include`, `exclude` and `only` are names of instruments; `intensity`, `density` and `brightness` are 0 to 1.
        `lyrics_language` is a BCP 47 tag such as "de". The track continues the one with `seed_track_id`, or is made
        from the audio of `source`, whose length rounded up is then its duration. `callback_url` receives the end by
        the rules of webhooks, signed with `callback_secret`, or else with the `callback_secret` of the result.
        """
        fields = {
            "prompt": prompt,
            "durationSeconds": duration_seconds,
            "engine": engine,
            "title": title,
            "styleTags": list(style_tags) or None,
            "lyrics": lyrics,
            "lyricsLanguage": lyrics_language,
            "instrumental": instrumental,
            "tempoBpm": tempo_bpm,
            "key": key,
            "metre": metre,
            "negativePrompt": negative_prompt,
            "instruments": _instruments(include, exclude, only),
            "structure": list(structure) or None,
            "intensity": intensity,
            "density": density,
            "brightness": brightness,
            "seed": seed,
            "loop": loop or None,
            "seedTrackId": seed_track_id,
            "source": source,
            "saveToLibrary": save_to_library or None,
            "callbackUrl": callback_url,
            "callbackSecret": callback_secret,
            "idempotencyKey": idempotency_key,
            "organizationId": await self.organization.id(),
        }
        request = CreateGenerationInput.model_validate(_without_none(fields))
        result = await self.operations.create_generation(request)
        return payload_of(result, CreateGenerationResultCreateGenerationPayload).generation

    async def explain(
        self,
        prompt: str,
        *,
        duration_seconds: int | None = None,
        style_tags: Sequence[str] = (),
        negative_prompt: str | None = None,
        tempo_bpm: float | None = None,
        key: str | None = None,
        metre: str | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        only: Sequence[str] = (),
        engine: str | None = None,
    ) -> PromptReading | None:
        """Return how a prompt is read, without making or paying anything. None if the engine does not read prompts."""
        fields = {
            "prompt": prompt,
            "durationSeconds": duration_seconds,
            "styleTags": list(style_tags) or None,
            "negativePrompt": negative_prompt,
            "tempoBpm": tempo_bpm,
            "key": key,
            "metre": metre,
            "instruments": _instruments(include, exclude, only),
            "engine": engine,
        }
        return await self.operations.explain_prompt(ExplainPromptInput.model_validate(_without_none(fields)))

    async def get(self, generation_id: str) -> GenerationState:
        """Return a generation with its track, if it is finished. Raises NotFoundError."""
        found = await self.operations.get_generation(generation_id)
        return existing(found, GenerationState, f"generation {generation_id}")

    async def list(self, *, status: GenerationStatus | None = None, page_size: int = 50) -> AsyncIterator[Generation]:
        """Yield the generations, newest first. Pages are requested as needed."""
        organization_id = await self.organization.id()

        async def load(after: str | None) -> ListGenerationsOrganizationGenerations | None:
            found = await self.operations.list_generations(organization_id, page_size, after, status)
            return found.generations if found else None

        async for generation in self.paginate(load):
            yield generation

    async def cancel(self, generation_id: str) -> Generation:
        """Cancel a generation. It costs nothing unless its track is finished."""
        result = await self.operations.cancel_generation(CancelGenerationInput(id=generation_id))
        return payload_of(result, CancelGenerationResultCancelGenerationPayload).generation

    async def watch(self, generation_id: str) -> AsyncIterator[GenerationState]:
        """Yield the state now and after each change until the generation ends. Reconnects after an interruption."""
        async with closing(resume(lambda: self.operations.watch_generation(generation_id))) as updates:
            async for update in updates:
                yield update
                if update.status not in _UNFINISHED:
                    return

    async def wait(self, generation_id: str, on_update: Callable[[GenerationState], object] | None = None) -> Track:
        """Wait for the track of a generation. Raises GenerationEndedError if it ends without one."""
        async with closing(self.watch(generation_id)) as updates:
            async for update in updates:
                if on_update is not None:
                    on_update(update)
                if update.status in _UNFINISHED:
                    continue
                if update.track is not None:
                    return update.track
                status = update.status.value.lower()
                reason = update.error_message or update.refusal_reason or f"The generation was {status}."
                raise GenerationEndedError(reason, generation_id, status)
        raise ConnectionFailedError(f"The updates of {generation_id} stopped.")


def _instruments(
    include: Sequence[str], exclude: Sequence[str], only: Sequence[str]
) -> InstrumentSelectionInput | None:
    lists = {"include": list(include), "exclude": list(exclude), "only": list(only)}
    chosen = {name: names for name, names in lists.items() if names}
    return InstrumentSelectionInput.model_validate(chosen) if chosen else None


def _without_none(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
