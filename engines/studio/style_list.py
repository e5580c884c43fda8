"""Lists the styles of the studio engine, for displays that offer them."""

from functools import cache

from engines.studio.styles import STYLES
from engines.style_port import StyleInfo


@cache
def list_styles() -> tuple[StyleInfo, ...]:
    """Return all styles in the order of their names."""
    styles = sorted(STYLES.values(), key=lambda style: style.name.casefold())
    return tuple(
        StyleInfo(style.key, style.name, style.keywords, style.moods, *style.tempo_range, style.metre)
        for style in styles
    )
