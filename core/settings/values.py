"""Values of settings that several sections have, and what all sections have in common."""

from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode

PROJECT: Final = Path(__file__).resolve().parents[2]


def split_commas(value: Any) -> Any:  # noqa: ANN401  raw value of the environment
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_commas)]
"""A list of values separated by commas."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
