"""Compiled modules of SciPy, loaded alone: importing their packages takes up to half a second."""

from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType


@cache
def load_extension(name: str) -> ModuleType:
    """Return a compiled module by its name in SciPy ("signal._sosfilt"), or import it if its file is not found."""
    package, _, module_name = name.rpartition(".")
    root = find_spec("scipy")
    folder = Path(root.origin or "").parent.joinpath(*package.split(".")) if root else Path()
    spec = PathFinder.find_spec(module_name, [str(folder)])
    if spec is None or spec.loader is None:
        return import_module(f"scipy.{name}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
