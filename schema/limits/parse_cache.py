"""An LRU cache of parsed documents: rate limiting parses a document first, execution reuses it."""

from collections import OrderedDict
from typing import Final

from graphql import DocumentNode, parse

_MAX_CHARACTERS: Final = 200_000
"""The total length of cached texts. A parsed document takes a few hundred times as much memory as its text."""


class _ParseCache:
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
            while self._characters > _MAX_CHARACTERS:
                (oldest, _), _ = self._documents.popitem(last=False)
                self._characters -= len(oldest)
        return document


_cache: Final = _ParseCache()
find = _cache.find
get_or_parse = _cache.get_or_parse
