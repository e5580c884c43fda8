"""The GraphQL documents of the studio page, as its scripts send them."""

import re
from collections.abc import Mapping
from typing import Final

from graphql.utilities import strip_ignored_characters

from server.routes import studio_page

_DOCUMENT: Final = re.compile(r"const (\w+) = gql`([^`]*)`")
_FRAGMENT: Final = re.compile(r"\$\{(\w+)\}")


def documents() -> list[str]:
    """Return the operations of the page with their fragments, which may be imported from another module.

    Raises ValueError if a document contains a name of no document.
    """
    found = {
        script: {name: strip_ignored_characters(text) for name, text in _DOCUMENT.findall(source)}
        for script, source in studio_page.scripts().items()
    }
    everywhere = {name: text for texts in found.values() for name, text in texts.items()}
    complete = (_complete(text, {**everywhere, **texts}) for texts in found.values() for text in texts.values())
    return [text for text in complete if not text.startswith("fragment ")]


def _complete(text: str, fragments: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        if match.group(1) not in fragments:
            raise ValueError(f"No document of the studio page is called {match.group(1)}")
        return _complete(fragments[match.group(1)], fragments)

    return _FRAGMENT.sub(replace, text)
