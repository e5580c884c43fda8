"""All styles by key, which is the name of their module."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from engines.studio.model.style import Style

STYLES: Final[Mapping[str, Style]] = {
    module.name: import_module(f"{__name__}.{module.name}").STYLE for module in iter_modules(__path__)
}
