"""The descriptions of the settings: the docstrings of their fields, read from the source when they are printed.

With `use_attribute_docstrings`, pydantic would read them whenever a command, a server or a worker starts.
"""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import pairwise

from pydantic import BaseModel

from core.settings import Settings


def describe(path: tuple[str, ...]) -> str:
    """Return the description of a field of the settings, or of the field of a section, on one line."""
    section = Settings if len(path) == 1 else Settings.model_fields[path[0]].annotation
    assert isinstance(section, type)  # noqa: S101  narrows the type
    assert issubclass(section, BaseModel)  # noqa: S101  narrows the type
    return " ".join(_docstrings(section).get(path[-1], "").split())


@cache
def _docstrings(section: type[BaseModel]) -> Mapping[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101  narrows the type
    docstrings = dict[str, str]()
    for field, following in pairwise(definition.body):
        match field, following:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(str(text))):
                docstrings[name] = text
    return docstrings
