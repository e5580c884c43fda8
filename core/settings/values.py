"""Values of settings that several sections have, and what all sections have in common."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_settings import NoDecode

PROJECT: Final = Path(__file__).resolve().parents[2]
"""The folder of the packages: a checkout, or the `site-packages` of an installed wheel."""

IS_CHECKOUT: Final = (PROJECT / "pyproject.toml").is_file()

COMMAND: Final = "./studio" if IS_CHECKOUT else "music-studio"
"""The command line as users type it."""


def _user_data_folder() -> Path:
    """Return the folder for data of this application: by the XDG specification, or by the rules of macOS."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "music-studio"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "music-studio"


HOME: Final = PROJECT if IS_CHECKOUT else _user_data_folder()
"""The folder of the file `.env` and of the default data folder."""


def split_commas(value: Any) -> Any:  # noqa: ANN401  raw value of the environment
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_commas)]
"""A list of values separated by commas."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
