"""Minify JavaScript modules and style sheets with minify-html, which embeds oxc and Lightning CSS."""

import re
from typing import Final

import minify_html

_DOCUMENTATION: Final = re.compile(r"/\*\*.*?\*/", re.DOTALL)
"""JSDoc comments, which the minifier keeps because other tools read them."""


def minify_script(source: str) -> str:
    """Minify a JavaScript module. The text of templates stays."""
    document = f"<script type=module>{_DOCUMENTATION.sub('', source)}</script>"
    return _content(minify_html.minify(document, minify_js=True))


def minify_style(source: str) -> str:
    """Minify a style sheet."""
    return _content(minify_html.minify(f"<style>{source}</style>", minify_css=True))


def _content(element: str) -> str:
    return element[element.index(">") + 1 : element.rindex("</")]
