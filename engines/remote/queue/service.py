"""The description of a service in TOML: its addresses, the request body, and where its answers hold what.

Paths into answers are JMESPath expressions. Addresses are below the base URL; ``{id}`` is the job's id there.
"""

import tomllib
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BeforeValidator, ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from engines.capabilities import Capabilities, Capability, RequestField
from engines.remote import templates
from engines.remote.http_errors import MESSAGE_PATHS, NOT_ACCEPTED

FOLDER: Final = Path(__file__).parent / "services"

_STRICT: Final = ConfigDict(extra="forbid")


def _compiled(path: str) -> str:
    try:
        jmespath.compile(path)
    except JMESPathError as error:
        raise ValueError(f"{path!r} is not a JMESPath expression") from error
    return path


JsonPath = Annotated[str, AfterValidator(_compiled)]
Method = Literal["GET", "POST", "PUT", "DELETE"]


def _as_table(value: object) -> object:
    return {"support": value} if isinstance(value, str) else value


Declared = Annotated[Capability, BeforeValidator(_as_table)]
"""A capability, in TOML its support or a table with further members."""


class AnswerKind(StrEnum):
    """What a service answers to a submission."""

    JOB = "job"
    """The id of a job, whose state is polled."""
    JSON = "json"
    """JSON with the audio, or its URL, when the music is finished."""
    AUDIO = "audio"
    """The audio file, when the music is finished."""


class Encoding(StrEnum):
    """How JSON holds audio."""

    URL = "url"
    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Submission:
    """How a job is submitted. ``id`` is where the answer has its id.

    ``body`` is a template with the slots of ``engines.remote.templates``; ``instrumental_lyrics`` is what the service
    takes as lyrics for instrumental music. ``idempotency_header`` is the header that it takes for a key of the request.
    After a status of ``not_accepted`` the request may be sent again.
    """

    path: str
    body: dict[str, JsonValue]
    answer: AnswerKind = AnswerKind.JOB
    method: Method = "POST"
    id: JsonPath | None = None
    instrumental_lyrics: str | None = None
    idempotency_header: str | None = None
    not_accepted: tuple[int, ...] = tuple(sorted(NOT_ACCEPTED))


@dataclass(frozen=True, slots=True, config=_STRICT)
class Polling:
    """How the state of a job is read: the path of its word, and the words of each state.

    ``position`` is its place in the queue, of which the first is ``first_position``; ``fraction`` ranges from 0 to
    ``full``.
    """

    path: str
    state: JsonPath
    queued: tuple[str, ...]
    running: tuple[str, ...]
    succeeded: tuple[str, ...]
    failed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    position: JsonPath | None = None
    first_position: int = 1
    fraction: JsonPath | None = None
    full: float = 1.0
    failure: JsonPath | None = None


@dataclass(frozen=True, slots=True, config=_STRICT)
class Result:
    """Where the audio is: in the answer of ``path``, or without one in the answer that reports the success."""

    audio: JsonPath | None = None
    encoding: Encoding = Encoding.URL
    path: str | None = None
    seed: JsonPath | None = None
    model: JsonPath | None = None
    lyrics: JsonPath | None = None


@dataclass(frozen=True, slots=True, config=_STRICT)
class Cancellation:
    """How a job is cancelled. The job stops if the status is one of ``stops``."""

    path: str
    method: Method = "POST"
    stops: tuple[int, ...] = (200, 202, 204)


@dataclass(frozen=True, slots=True, config=_STRICT)
class Failures:
    """Where answers hold error messages; ``code`` is where a success has an error code that is none of ``success``.

    Codes of ``refused`` mean that the same request fails again.
    """

    messages: tuple[JsonPath, ...] = MESSAGE_PATHS
    code: JsonPath | None = None
    success: tuple[int, ...] = (0,)
    refused: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, config=_STRICT)
class Service:
    """A service.

    ``auth`` maps header names to values in which ``{key}`` is the operator's secret; without one they are left out,
    unless the service requires it. ``max_lengths`` are the most characters of slots. ``support`` states what it does
    with each field of a request; others are refused. ``check`` is an address that answers a success without costs.
    """

    name: str
    description: str
    model: str
    max_duration_seconds: int
    submit: Submission
    support: dict[RequestField, Declared]
    poll: Polling | None = None
    result: Result = Result()
    cancel: Cancellation | None = None
    errors: Failures = Failures()
    auth: dict[str, str] = field(default_factory=dict)
    requires_key: bool = True
    max_lengths: dict[str, int] = field(default_factory=dict)
    supports_vocals: bool = False
    supports_lyrics: bool = False
    languages: tuple[str, ...] = ()
    check: str | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What the service does with each field."""
        declared: dict[str, Capability] = {field.value: each for field, each in self.support.items()}
        return replace(Capabilities.of_prompt_only(), **declared)


_ADAPTER: Final = TypeAdapter(Service)


def load(name: str) -> Service:
    """Return a service by the name of a file in ``FOLDER`` or by an absolute path. Raises ValueError."""
    path = Path(name) if Path(name).is_absolute() else FOLDER / f"{name}.toml"
    known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
    try:
        service = parse(path.read_text(encoding="utf-8"))
    except OSError:
        message = f"There is no service {name!r}. Use the absolute path of a TOML file, or one of: {known}."
        raise ValueError(message) from None
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    return service


def parse(text: str) -> Service:
    """Return the service that a TOML text describes. Raises ValueError with its problems."""
    try:
        service = _ADAPTER.validate_python(tomllib.loads(text))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise ValueError("; ".join(problems)) from None
    unknown = (templates.slots(service.submit.body) | service.max_lengths.keys()) - templates.NAMES - {"model"}
    if unknown:
        raise ValueError(f"submit.body: unknown slots {', '.join(sorted(unknown))}")
    is_job = service.submit.answer is AnswerKind.JOB
    if is_job != (service.poll is not None) or is_job != (service.submit.id is not None):
        raise ValueError('poll and submit.id are for services that answer "job", and only for these')
    if service.submit.answer is not AnswerKind.AUDIO and service.result.audio is None:
        raise ValueError("result.audio is missing")
    return service
