"""Rules of the fields in an archive: those of the commands that create such rows, or else of the field's type."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from core import clock
from resolvers.access.validation import Text
from resolvers.generations.controls import MAX_INSTRUMENTS
from resolvers.library.commands import HTTP_URL, Tag
from storage.tables import MAX_TAGS

MAX_EVENTS: Final = 20_000
MAX_SECONDS: Final = 86_400
MAX_INTEGER: Final = 2**31 - 1
"""The largest integer of GraphQL and of most columns."""

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_DIFFERENCE: Final = timedelta(days=1)
"""How far the clock of the exporting installation may be ahead."""


class StrictRecord(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _check_moment(moment: datetime) -> datetime:
    latest = clock.now() + _CLOCK_DIFFERENCE
    if not _EARLIEST <= moment <= latest:
        raise ValueError(f"{moment.isoformat()} must be from {clock.iso(_EARLIEST)} to {clock.iso(latest)}")
    return moment


Line = Annotated[str, Text(0, 255)]
Title = Annotated[str, Text(1, 255)]
Word = Annotated[str, Text(1, 64)]
Sentences = Annotated[str, Text(0, 2000)]
Moment = Annotated[AwareDatetime, AfterValidator(_check_moment)]
Whole = Annotated[StrictInt, Field(ge=0, le=MAX_INTEGER)]
Real = Annotated[StrictFloat, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Seconds = Annotated[StrictFloat, Field(gt=0, le=MAX_SECONDS)]
Milliseconds = Annotated[StrictInt, Field(ge=0, le=1000 * MAX_SECONDS)]
Money = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False)]
Issuer = Annotated[str, Text(1, 1024), Field(pattern=HTTP_URL)]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]
Texts = Annotated[list[Sentences], Field(max_length=1000)]
Instruments = Annotated[list[Word], Field(max_length=MAX_INSTRUMENTS)]
Share = Annotated[StrictFloat, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
