"""How a command is read from what a caller sent: every rule stands on the command's fields, every problem is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Annotated, Any, Final, TypeVar

from annotated_types import GroupedMetadata
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    TypeAdapter,
)
from pydantic import ValidationError as PydanticError
from pydantic_core import ErrorDetails, PydanticCustomError

from core.errors import InvalidInput, Problem

Command = TypeVar("Command")

_ADAPTERS: Final[dict[type[object], TypeAdapter[Any]]] = {}
"""Each is made once: that is much slower than its use."""

CONFIG: Final = ConfigDict(extra="forbid", strict=False)

_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "This field is required.",
    "unexpected_keyword_argument": "Unknown field.",
    "string_type": "Must be a string.",
    "int_type": "Must be an integer.",
    "int_from_float": "Must be an integer.",
    "float_type": "Must be a number.",
    "finite_number": "Must be a number.",
    "bool_type": "Must be true or false.",
    "tuple_type": "Must be an array.",
    "list_type": "Must be an array.",
    "string_too_short": "Must have at least {min_length} character(s).",
    "string_too_long": "Must have at most {max_length} characters.",
    "string_pattern_mismatch": "Must match {pattern}.",
    "too_long": "Must have at most {max_length} items.",
    "greater_than": "Must be greater than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than_equal": "Must be at most {le}.",
    "enum": "Must be {expected}.",
}


def problem(message: str) -> PydanticCustomError:
    """What a field's validator raises; the message is a sentence for the caller."""
    return PydanticCustomError("rule", "{message}", {"message": message})


def _storable(text: str) -> str:
    """Postgres keeps no NUL, UTF-8 no lone surrogate."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise problem("Must not contain NUL or unpaired surrogate characters.")
    return text


@dataclass(frozen=True, slots=True)
class Text(GroupedMetadata):
    """A string of ``low`` to ``high`` characters after trimming, that can be stored."""

    low: int
    high: int

    def __iter__(self) -> Iterator[object]:
        """The rules that pydantic knows."""
        yield StringConstraints(strict=True, strip_whitespace=True, min_length=self.low, max_length=self.high)
        yield AfterValidator(_storable)


class _Omitted(Enum):
    """The one value of a field that was left out of an update; null is another thing."""

    OMITTED = "omitted"


def omitted() -> Any:  # noqa: ANN401  a default of any field
    """The default of an update's field; pydantic does not hold defaults against the field's rules."""
    return Field(default_factory=lambda: _Omitted.OMITTED)


def changes(command: Any) -> dict[str, Any]:  # noqa: ANN401  any dataclass
    """The fields of an update that were not left out."""
    return {name: value for name, value in asdict(command).items() if value is not _Omitted.OMITTED}


def _whole(value: Any) -> Any:  # noqa: ANN401  whatever was sent
    """JSON has one kind of number: 60.0 is 60."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Flag = StrictBool
WHOLE: Final = BeforeValidator(_whole)
"""Stands behind the bounds of a number, or its schema would lose them."""

Count = Annotated[StrictInt, Field(gt=0), WHOLE]


def read(
    kind: type[Command], fields: Mapping[str, object], facts: object = None, known: Sequence[Problem] = ()
) -> Command:
    """Make a command. ``facts`` reach the validators as their context; ``known`` is what was found wrong before.

    Raises InvalidInput with every problem.
    """
    problems: list[Problem] = []
    try:
        command: Command = _adapter(kind).validate_python(dict(fields), context=facts)
    except PydanticError as error:
        problems = [_problem(detail) for detail in error.errors()]
    told = {problem.path[:1] for problem in problems}
    problems += [problem for problem in known if problem.path[:1] not in told]
    if problems:
        raise InvalidInput(problems)
    return command


def _adapter(kind: type[object]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _problem(detail: ErrorDetails) -> Problem:
    sentence = _SENTENCES.get(detail["type"])
    message = sentence.format(**detail.get("ctx", {})) if sentence else detail["msg"]
    return Problem(detail["loc"], message)
