"""What a document may ask for: looked at before it is validated."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from operator import attrgetter, le
from typing import Any, Final

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.utils.str_converters import to_camel_case

from core.settings import DocumentSettings
from schema.execution import CachedDocument
from schema.limits import complexity, parse_cache
from schema.limits.complexity import MAX_REPORTED, DocumentSize

CODE: Final = "DOCUMENT_TOO_LARGE"

_NAMES: Final = tuple(field.name for field in fields(DocumentSize))
_measures: Final = attrgetter(*_NAMES)
_limits: Final = attrgetter(*(f"max_{name}" for name in _NAMES))


def find_exceeded(size: DocumentSize, limits: DocumentSettings) -> list[str]:
    """A phrase for each limit that is passed."""
    measures, mosts = _measures(size), _limits(limits)
    if all(map(le, measures, mosts)):
        return []
    return [
        f"{name.replace('_', ' ')} {min(is_, MAX_REPORTED)} (limit {most})"
        for name, is_, most in zip(_NAMES, measures, mosts, strict=True)
        if is_ > most
    ]


def allows(
    limits: DocumentSettings, document: CachedDocument, variables: Mapping[str, Any], extensions: Mapping[str, Any]
) -> bool:
    """Whether a kept document is within the limits, and its size need not be told."""
    return extensions.get("size") is not True and not find_exceeded(
        complexity.measure_cached(document.node, variables), limits
    )


class DocumentLimitsExtension(SchemaExtension):
    """Refuses a document that asks for too much, before it is validated; tells its size when asked.

    A request asks with ``"extensions": {"size": true}`` and finds ``extensions.size`` in the answer.
    """

    def __init__(self, limits: DocumentSettings) -> None:
        self._limits = limits
        self._size: DocumentSize | None = None

    def on_operation(self) -> Iterator[None]:
        """The parser itself stops at too many tokens."""
        self.execution_context.parse_options["max_tokens"] = self._limits.max_tokens
        yield

    def on_parse(self) -> Iterator[None]:
        """What was parsed to be counted is not parsed again."""
        context = self.execution_context
        if context.query and context.graphql_document is None:
            context.graphql_document = parse_cache.find(context.query, self._limits.max_tokens)
        yield

    def on_validate(self) -> Iterator[None]:
        """Errors that are there already keep validation from running."""
        context = self.execution_context
        if context.graphql_document is not None and context.pre_execution_errors is None:
            self._size = complexity.measure_cached(context.graphql_document, context.variables or {})
            if problems := find_exceeded(self._size, self._limits):
                context.pre_execution_errors = [_refusal(problems)]
        yield

    def get_results(self) -> dict[str, Any]:
        """What was measured, beside what is allowed."""
        asked = self.execution_context.operation_extensions or {}
        if asked.get("size") is not True or self._size is None:
            return {}
        limits = {name: getattr(self._limits, f"max_{name}") for name in asdict(self._size)}
        measured = {name: min(value, MAX_REPORTED) for name, value in asdict(self._size).items()}
        return {"size": {to_camel_case(name): {"is": measured[name], "limit": limits[name]} for name in measured}}


def _refusal(problems: list[str]) -> GraphQLError:
    return GraphQLError(f"The document asks for too much: {', '.join(problems)}.", extensions={"code": CODE})
