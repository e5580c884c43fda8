"""How an engine reads a prompt."""

from typing import Annotated, Final

import strawberry

from engines import prompt_port
from engines.prompt_port import StyleOrigin
from resolvers.access.validation import Unvalidated
from resolvers.generations import explanations
from resolvers.generations.commands import CreateGenerationGraphQL
from resolvers.generations.explanations import Explanation
from schema.limits.field_costs import Cost, ListSize
from schema.runtime.context import Info
from schema.runtime.row_types import RowBacked, row_backed
from schema.types.capabilities import FIELDS, FieldSupport
from schema.types.controls import ControlsInput
from schema.types.mutations import to_command
from schema.types.reports import Approximation, Remark
from schema.types.sources import SourceInput

READING_WEIGHT: Final = 500
"""The cost of reading a prompt, which takes about as long as resolving this many fields."""

_WORDS: Final = [ListSize(assumed_size=40)]
_NAMES: Final = [ListSize(assumed_size=20)]


@strawberry.input(description="The parameters of `explainPrompt`. They have the rules of `createGeneration`.")
class ExplainPromptInput(ControlsInput):
    prompt: str = strawberry.field(description="The description of the music, 1 to 2000 characters.")
    style_tags: list[str] | None = strawberry.field(default=None, description="Styles, up to 20.")
    lyrics: str | None = strawberry.field(default=None, description="The lyrics, up to 5000 characters.")
    lyrics_language: str | None = strawberry.field(default=None, description="The language of the lyrics.")
    engine: str | None = strawberry.field(default=None, description="The key of the engine, if not the default engine.")
    duration_seconds: int | None = strawberry.field(
        default=None, description="The duration in whole seconds. Default: the length in the prompt."
    )
    instrumental: bool | None = strawberry.field(default=False, description="Whether to generate music without vocals.")
    seed_track_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ID of a track to continue. Only the engine's support of the field is checked."
    )
    title: str | None = strawberry.field(default=None, description="The title.")
    seed: int | None = strawberry.field(default=None, description="The seed.")
    loop: bool | None = strawberry.field(default=False, description="Whether to make the track loop without a gap.")
    source: SourceInput | None = strawberry.field(
        default=None, description="Audio to make the music from. Only the engine's support of the field is checked."
    )


@row_backed()
@strawberry.type(description="The style of a request.")
class StyleReading(RowBacked[prompt_port.StyleReading]):
    key: str = strawberry.field(description="The key that identifies the style.")
    name: str = strawberry.field(description="The display name.")
    origin: StyleOrigin = strawberry.field(description="Why the request has this style.")


@row_backed(
    included=lambda instruments: list(instruments.row.included),
    excluded=lambda instruments: list(instruments.row.excluded),
    reduced=lambda instruments: list(instruments.row.reduced),
)
@strawberry.type(description="The instruments and stems that a request names.")
class InstrumentReading(RowBacked[prompt_port.InstrumentReading]):
    included: list[str] = strawberry.field(directives=_NAMES, description="What plays.")
    excluded: list[str] = strawberry.field(directives=_NAMES, description="What does not play.")
    reduced: list[str] = strawberry.field(directives=_NAMES, description="What plays more quietly.")
    is_exclusive: bool = strawberry.field(description="Whether only the included instruments play.")


@strawberry.type(description="A change of the sound or the performance that a request names.")
class TransformationReading:
    name: str = strawberry.field(description="The name of the change, such as bright.")
    words: str = strawberry.field(description="The words that request it.")


@row_backed(
    "row.reading",
    style=lambda reading: StyleReading.from_row(reading.row.reading.style),
    moods=lambda reading: list(reading.row.reading.moods),
    instruments=lambda reading: InstrumentReading.from_row(reading.row.reading.instruments),
    transformations=lambda reading: [
        TransformationReading(name=name, words=words) for name, words in reading.row.reading.transformations
    ],
    sections=lambda reading: list(reading.row.reading.sections),
    languages=lambda reading: list(reading.row.reading.languages),
    words_used=lambda reading: list(reading.row.reading.words_used),
    words_approximated=lambda reading: [
        Approximation(asked=pair.asked, given=pair.given) for pair in reading.row.reading.words_approximated
    ],
    words_ignored=lambda reading: list(reading.row.reading.words_ignored),
    notes=lambda reading: list(reading.row.reading.notes),
    remarks=lambda reading: list(map(Remark.from_text, reading.row.reading.notes)),
    field_support=lambda reading: FieldSupport.from_rows(reading.row.field_support),
    refusal_reason="row.refusal_reason",
)
@strawberry.type(description="How a request is read. What it does not request is null or empty.")
class PromptReading(RowBacked[Explanation]):
    style: StyleReading = strawberry.field(description="The style.")
    tempo_bpm: float | None = strawberry.field(description="The tempo, in beats per minute.")
    key: str | None = strawberry.field(description="The key or the mode, such as A minor or dorian.")
    metre: str | None = strawberry.field(description="The time signature, such as 6/8.")
    moods: list[str] = strawberry.field(directives=_NAMES, description="The moods.")
    instruments: InstrumentReading = strawberry.field(description="The instruments.")
    transformations: list[TransformationReading] = strawberry.field(
        directives=_NAMES, description="Changes of the sound and the performance."
    )
    sections: list[str] = strawberry.field(
        directives=[ListSize(assumed_size=32)], description="The names of the sections, in order."
    )
    section_count: int | None = strawberry.field(description="The number of sections if only that is requested.")
    progression: str | None = strawberry.field(
        description="The chord progression in Roman numerals, with | between the bars."
    )
    length_seconds: float | None = strawberry.field(description="The length in the prompt, in seconds.")
    subject: str | None = strawberry.field(description="What the music is about or for.")
    languages: list[str] = strawberry.field(directives=_NAMES, description="The languages of the request, in English.")
    words_used: list[str] = strawberry.field(directives=_WORDS, description="Words that are followed.")
    words_approximated: list[Approximation] = strawberry.field(
        directives=_WORDS, description="Words that are followed approximately."
    )
    words_ignored: list[str] = strawberry.field(directives=_WORDS, description="Words that have no effect.")
    notes: list[str] = strawberry.field(directives=_WORDS, description="Further remarks, as sentences.")
    remarks: list[Remark] = strawberry.field(directives=_WORDS, description="The notes with their codes.")
    field_support: list[FieldSupport] = strawberry.field(
        directives=FIELDS, description="What the engine does with each field that the request has."
    )
    refusal_reason: str | None = strawberry.field(
        description="Why the content policy would refuse the request, or null if it would not."
    )


@strawberry.type
class PromptQueries:
    @strawberry.field(
        directives=[Cost(weight=str(READING_WEIGHT))],
        description="How an engine would read a request, without rendering it. Free of charge.",
    )
    async def explain_prompt(
        self,
        info: Info,
        input: Annotated[ExplainPromptInput, strawberry.argument(description="The request.")],
    ) -> PromptReading | None:
        ctx = info.context.ctx
        command: Unvalidated[CreateGenerationGraphQL] = to_command(
            CreateGenerationGraphQL, input, engine=ctx.services.engines.default.key
        )
        return PromptReading.from_row(await explanations.explain(ctx, command))
