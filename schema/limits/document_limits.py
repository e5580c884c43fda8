"""Parsing of documents, and limits on their size, checked before a document is validated."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from operator import attrgetter, le
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, parse
from strawberry.extensions import SchemaExtension
from strawberry.utils.str_converters import to_camel_case

from core.settings import DocumentSettings
from schema.execution import CachedDocument
from schema.limits import complexity, field_costs
from schema.limits.complexity import MAX_REPORTED, DocumentSize

CODE: Final = "DOCUMENT_TOO_LARGE"

_MAX_CACHED_CHARACTERS: Final = 200_000
"""The total length of cached texts. A parsed document takes a few hundred times as much memory as its text."""

_NAMES: Final = tuple(field.name for field in fields(DocumentSize))
_measures: Final = attrgetter(*_NAMES)
_limits: Final = attrgetter(*(f"max_{name}" for name in _NAMES))


def find_exceeded(size: DocumentSize, limits: DocumentSettings) -> list[str]:
    """Return a phrase for each limit that is exceeded, such as ``depth 17 (limit 15)``."""
    values, maxima = _measures(size), _limits(limits)
    if all(map(le, values, maxima)):
        return []
    return [
        f"{name.replace('_', ' ')} {min(value, MAX_REPORTED)} (limit {maximum})"
        for name, value, maximum in zip(_NAMES, values, maxima, strict=True)
        if value > maximum
    ]


def allows(
    limits: DocumentSettings, document: CachedDocument, variables: Mapping[str, Any], extensions: Mapping[str, Any]
) -> bool:
    """Return whether a cached document is within the limits and the response need not contain its size."""
    size = complexity.measure_cached(document.node, variables, field_costs.from_schema(document.schema))
    return extensions.get("size") is not True and not find_exceeded(size, limits)


class _ParseCache:
    """An LRU cache of parsed documents: rate limiting parses a document first, execution reuses it."""

    def __init__(self) -> None:
        self._documents: OrderedDict[tuple[str, int], DocumentNode] = OrderedDict()
        self._characters = 0

    def find(self, text: str, max_tokens: int) -> DocumentNode | None:
        """Return the document if it is cached and mark it as recently used."""
        document = self._documents.get((text, max_tokens))
        if document is not None:
            self._documents.move_to_end((text, max_tokens))
        return document

    def get_or_parse(self, text: str, max_tokens: int) -> DocumentNode:
        """Return the parsed document. Raise GraphQLError or RecursionError if it cannot be parsed."""
        document = self.find(text, max_tokens)
        if document is None:
            document = self._documents[text, max_tokens] = parse(text, max_tokens=max_tokens)
            self._characters += len(text)
            while self._characters > _MAX_CACHED_CHARACTERS:
                (oldest, _), _ = self._documents.popitem(last=False)
                self._characters -= len(oldest)
        return document


_parse_cache: Final = _ParseCache()
get_or_parse = _parse_cache.get_or_parse


class DocumentLimitsExtension(SchemaExtension):
    """Rejects a document that exceeds a limit before it is validated, and reports its size on request.

    A request with ``"extensions": {"size": true}`` gets ``extensions.size`` in the response.
    """

    def __init__(self, limits: DocumentSettings) -> None:
        self._limits = limits
        self._size: DocumentSize | None = None

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = self._limits.max_tokens
        yield

    def on_parse(self) -> Iterator[None]:
        """Reuse a document that rate limiting has parsed."""
        context = self.execution_context
        if context.query and context.graphql_document is None:
            context.graphql_document = _parse_cache.find(context.query, self._limits.max_tokens)
        yield

    def on_validate(self) -> Iterator[None]:
        """Measure the document. Setting errors makes Strawberry skip validation."""
        context = self.execution_context
        if context.graphql_document is not None and context.pre_execution_errors is None:
            costs = field_costs.from_schema(context.schema)
            self._size = complexity.measure_cached(context.graphql_document, context.variables or {}, costs)
            if problems := find_exceeded(self._size, self._limits):
                message = f"The document is too large: {', '.join(problems)}."
                context.pre_execution_errors = [GraphQLError(message, extensions={"code": CODE})]
        yield

    def get_results(self) -> dict[str, Any]:
        extensions = self.execution_context.operation_extensions or {}
        if extensions.get("size") is not True or self._size is None:
            return {}
        report = {
            to_camel_case(name): {"is": min(value, MAX_REPORTED), "limit": getattr(self._limits, f"max_{name}")}
            for name, value in asdict(self._size).items()
        }
        return {"size": report}
