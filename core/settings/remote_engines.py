"""Remote engines: the peers that generate music, and the operator's declarations on the licences of their tracks."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, JsonValue, PositiveFloat, PositiveInt, SecretStr, model_validator

from core.licence import Licence, LicenceClass
from core.settings.values import CommaSeparated, Section

INSTANCE_KEY: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")
"""The key of a remote engine, as requests name it."""

UNDECLARED: Final = "undeclared"
"""The licence version of tracks of an engine without a declaration."""


def _strip_slash(url: str) -> str:
    return url.rstrip("/")


class LicenceDeclaration(Section):
    """The operator's dated statement on what the tracks of a remote engine may be used for."""

    declared_on: date
    """Day on which the operator read the terms, as 2026-11-30; it is the licence version of tracks."""
    licence_class: LicenceClass
    """Permitted use of tracks: commercial_cleared, commercial_enterprise, personal_only or unclear."""
    plan: str = Field(min_length=1, max_length=200)
    """Plan of the hosted service, or licence of the weights."""
    terms_url: str = Field(pattern=r"^https?://\S+$", max_length=500)
    """URL of the terms that the declaration relies on."""
    requires_attribution: bool = False
    """Whether uses have to credit the source."""
    attribution: str = Field("", max_length=500)
    """Text by which uses credit the source."""

    @model_validator(mode="after")
    def _check_attribution(self) -> Self:
        if self.requires_attribution and not self.attribution.strip():
            raise ValueError("attribution must contain the text if requires_attribution is true")
        return self


class RemoteEngineSettings(Section):
    """One remote engine: where it is, what it costs, and how long its jobs may take."""

    kind: str = Field(min_length=1)
    """Kind of the engine, or `module:class` of an adapter of your own."""
    url: Annotated[str, AfterValidator(_strip_slash)] = Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")
    """Base URL of the peer."""
    name: str | None = Field(None, min_length=1, max_length=60)
    """Name that users see; default: that of the kind."""
    key: SecretStr | None = None
    """Secret that the peer requires, such as its API key."""
    models: CommaSeparated = ()
    """Models to request, the preferred one first, separated by commas; default: that of the peer."""
    cost_chf_per_minute: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    """Price of a minute of music in CHF."""
    max_jobs: PositiveInt = 1
    """Jobs that the peer has at the same time; further jobs wait in the queue."""
    max_duration_seconds: PositiveInt | None = None
    """Longest music that may be requested, if shorter than the maximum of the kind."""
    connect_seconds: PositiveFloat = 10
    """Seconds in which a connection to the peer must be established."""
    response_seconds: PositiveFloat = 60
    """Seconds in which the peer must respond, and longest pause while it sends."""
    download_seconds: PositiveFloat = 300
    """Seconds in which the file must be downloaded."""
    max_file_bytes: PositiveInt = 536_870_912
    """Largest file in bytes that is accepted from the peer."""
    poll_seconds: PositiveFloat = 2
    """Seconds before the state of a job is requested for the first time; doubled with each request."""
    max_poll_seconds: PositiveFloat = 15
    """Longest interval in seconds between two requests for the state of a job."""
    job_seconds: PositiveFloat = 1800
    """Seconds after which a job that the peer has not finished is cancelled and fails."""
    check_seconds: PositiveFloat = 60
    """Interval in seconds of the health checks by workers."""
    declaration: LicenceDeclaration | None = None
    """The operator's declaration on the licence; without one, the licence class of tracks is unclear."""
    options: dict[str, JsonValue] = Field(default_factory=dict, repr=False)
    """Further settings of the kind."""

    @property
    def licence(self) -> Licence:
        """The licence of tracks that are made now."""
        declared = self.declaration
        if declared is None:
            return Licence(LicenceClass.UNCLEAR, UNDECLARED, requires_attribution=False)
        attribution = declared.attribution.strip()
        return Licence(
            declared.licence_class, declared.declared_on.isoformat(), declared.requires_attribution, attribution
        )
