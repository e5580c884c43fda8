"""Minify JavaScript modules and style sheets with minify-html, which embeds oxc and Lightning CSS, and GraphQL."""

import re
from typing import Final

import minify_html
from graphql.utilities import strip_ignored_characters

_DOCUMENTATION: Final = re.compile(r"/\*\*.*?\*/", re.DOTALL)
"""JSDoc comments, which the minifier keeps because other tools read them."""


_GRAPHQL: Final = re.compile(r"(?<== gql`)[^`]*")
"""GraphQL documents in a module, with placeholders for fragments (`${NAME}`), whose characters are GraphQL tokens."""


def minify_script(source: str) -> str:
    """Minify a JavaScript module and its GraphQL documents. The text of other templates stays."""
    code = _GRAPHQL.sub(lambda match: strip_ignored_characters(match[0]), _DOCUMENTATION.sub("", source))
    document = f"<script type=module>{code}</script>"
    return _content(minify_html.minify(document, minify_js=True))


def minify_style(source: str) -> str:
    """Minify a style sheet."""
    return _content(minify_html.minify(f"<style>{source}</style>", minify_css=True))


def _content(element: str) -> str:
    return element[element.index(">") + 1 : element.rindex("</")]
