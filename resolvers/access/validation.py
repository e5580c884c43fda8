"""Validate the input of commands: the rules are pydantic constraints on the fields, and every problem is reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from itertools import islice
from types import NoneType
from typing import Annotated, Any, Final, Generic, TypeVar, get_args

from annotated_types import GroupedMetadata, MaxLen
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
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from core.errors import InvalidInput, Problem

Command_co = TypeVar("Command_co", covariant=True)

_ADAPTERS: Final[dict[type[object], TypeAdapter[Any]]] = {}
"""By command; building an adapter takes much longer than using it."""

_FIELDS_WITH_EMPTY: Final[dict[type[object], dict[str, bool]]] = {}
"""By command: see ``fields_with_empty``."""

MAX_UNKNOWN: Final = 50
"""Unknown fields of a request that are reported."""

CONFIG: Final = ConfigDict(extra="forbid", strict=False, use_attribute_docstrings=True)
"""The pydantic configuration of commands: unknown fields are problems."""

_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "This field is required.",
    "unexpected_keyword_argument": "Unknown field.",
    "extra_forbidden": "Unknown field.",
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
    "too_short": "Must have at least {min_length} item(s).",
    "too_long": "Must have at most {max_length} items.",
    "greater_than": "Must be greater than {gt}.",
    "greater_than_equal": "Must be at least {ge}.",
    "less_than_equal": "Must be at most {le}.",
    "enum": "Must be {expected}.",
}


@dataclass(frozen=True, slots=True)
class Unvalidated(Generic[Command_co]):
    """Fields that a caller sent for a command, not yet validated.

    Optional fields that are null or blank are left out; in an update those that can be cleared are null. Filters and
    query parameters keep empty values.
    """

    command: type[Command_co]
    fields: Mapping[str, object]
    keeps_empty: bool = False

    def __post_init__(self) -> None:
        if not self.keeps_empty:
            object.__setattr__(self, "fields", _drop_empty(self.fields, fields_with_empty(self.command)))

    def validate(self, context: object = None, known_problems: Sequence[Problem] = ()) -> Command_co:
        """Build the command. Raises InvalidInput with every problem, but at most MAX_UNKNOWN unknown fields.

        ``context`` is the context of the command's validators. ``known_problems`` were found by other means; of these,
        the ones on fields that break a rule as well are left out.
        """
        problems: list[Problem] = []
        try:
            command: Command_co = _adapter(self.command).validate_python(self._bounded_fields(), context=context)
        except PydanticError as error:
            problems = [_problem(detail) for detail in error.errors()]
        reported = {problem.path[:1] for problem in problems}
        problems += [problem for problem in known_problems if problem.path[:1] not in reported]
        if problems:
            raise InvalidInput(problems)
        return command

    def _bounded_fields(self) -> dict[str, object]:
        """Return the fields without most unknown ones, and lists up to one item more than allowed.

        pydantic reports each unknown field and wrong item, those beyond the bound of a list included.
        """
        known: Mapping[str, FieldInfo] = getattr(self.command, "__pydantic_fields__", {})
        unknown = islice((item for item in self.fields.items() if item[0] not in known), MAX_UNKNOWN)
        return {name: _cut(self.fields[name], field) for name, field in known.items() if name in self.fields} | dict(
            unknown
        )


def _cut(value: object, field: FieldInfo) -> object:
    if not isinstance(value, list):
        return value
    bound = next((each.max_length for each in field.metadata if isinstance(each, MaxLen)), len(value))
    return value[: bound + 1]


def rule_error(message: str) -> PydanticCustomError:
    """Build the error that a field's validator raises, with a message for the caller."""
    return PydanticCustomError("rule", "{message}", {"message": message})


NEVER_BLANK: Final = "never blank"
"""Metadata of an optional field whose blank text is an error: the caller would miss what the field is for."""


def is_empty(value: object) -> bool:
    """Return whether a value is null or blank text, which HTML forms and generated clients send for unset fields."""
    return value is None or (isinstance(value, str) and not value.strip())


def fields_with_empty(command: type[object]) -> Mapping[str, bool]:
    """Return the fields in which null and blank text are equal, and whether they clear the field (of an update).

    Elsewhere they are left out. A required field and a text that an update cannot clear, such as a name, have no empty
    value.
    """
    if command in _FIELDS_WITH_EMPTY:
        return _FIELDS_WITH_EMPTY[command]
    found = _FIELDS_WITH_EMPTY[command] = {}
    for name, field in getattr(command, "__pydantic_fields__", {}).items():
        is_update = field.default_factory is _get_omitted
        is_nullable = NoneType in get_args(field.annotation)
        if not (field.is_required() or NEVER_BLANK in field.metadata or (is_update and field.annotation is str)):
            found[name] = is_update and is_nullable
    return found


def _drop_empty(fields: Mapping[str, object], clears: Mapping[str, bool]) -> Mapping[str, object]:
    empty = [name for name in clears if name in fields and is_empty(fields[name])]
    if not empty:
        return fields
    kept = dict(fields)
    for name in empty:
        if clears[name]:
            kept[name] = None
        else:
            del kept[name]
    return kept


class _Omitted(Enum):
    """The value of an update's field that was left out, as opposed to null."""

    OMITTED = "omitted"


def omitted() -> Any:  # noqa: ANN401  a default of any field
    """Return the default for the fields of an update; pydantic does not validate defaults."""
    return Field(default_factory=_get_omitted)


def _get_omitted() -> _Omitted:
    return _Omitted.OMITTED


def changes(command: Any) -> dict[str, Any]:  # noqa: ANN401  any dataclass
    """Return the fields of an update that were not left out."""
    return {name: value for name, value in asdict(command).items() if value is not _Omitted.OMITTED}


def is_storable(text: str) -> bool:
    """Return whether Postgres, which rejects NUL, and UTF-8, which cannot encode unpaired surrogates, store a text."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _storable(text: str) -> str:
    if not is_storable(text):
        raise rule_error("Must not contain NUL or unpaired surrogate characters.")
    return text


@dataclass(frozen=True, slots=True)
class Text(GroupedMetadata):
    """Constrain a string to ``min_length`` to ``max_length`` storable characters after trimming."""

    min_length: int
    max_length: int

    def __iter__(self) -> Iterator[object]:
        """Yield the constraints for pydantic."""
        yield StringConstraints(
            strict=True, strip_whitespace=True, min_length=self.min_length, max_length=self.max_length
        )
        yield AfterValidator(_storable)


def _whole_float_to_int(value: Any) -> Any:  # noqa: ANN401  not validated yet
    return int(value) if isinstance(value, float) and value.is_integer() else value


Flag = StrictBool
WHOLE: Final = BeforeValidator(_whole_float_to_int)
"""Accept 60.0 as 60: JSON has one kind of number. Must follow the bounds of a field, or its JSON Schema lacks them."""

PositiveInteger = Annotated[StrictInt, Field(gt=0), WHOLE]


def _adapter(command: type[object]) -> TypeAdapter[Any]:
    if command not in _ADAPTERS:
        _ADAPTERS[command] = TypeAdapter(command)
    return _ADAPTERS[command]


def _problem(detail: ErrorDetails) -> Problem:
    message = _MESSAGES.get(detail["type"])
    return Problem(detail["loc"], message.format(**detail.get("ctx", {})) if message else detail["msg"])
