"""The environment variables of settings: their names, where each value comes from, and misspelt ones."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from dotenv import dotenv_values
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.settings import HOME, Settings

_PREFIX: Final = "MUSIC_STUDIO_"
_WITHOUT_PREFIX: Final = frozenset({"DATABASE_URL", "REDIS_URL", "STORAGE_EMULATOR_HOST"})
"""Variables that are also read without the prefix."""
_OTHER_VARIABLES: Final = frozenset(
    {"MUSIC_STUDIO_VENV", "MUSIC_STUDIO_URL", "MUSIC_STUDIO_API_KEY", "MUSIC_STUDIO_CALLBACK_SECRET"}
)
"""Variables of the `studio` script and of the client, which are no settings."""
_EARLIER_NAMES: Final = {"MUSIC_STUDIO_SIGNING_KEYS": "MUSIC_STUDIO_SIGNING_KEY"}
"""Variables that are still read, by the present ones."""
_KEYED: Final = "MUSIC_STUDIO_ENGINES__REMOTE__"
"""Variables of a remote engine, whose names contain a key of the operator's choice; the settings check what follows."""
_SECRET: Final = re.compile(r"SECRET|SIGNING_KEY|PASSWORD|(?<!PUBLIC_)KEY(S)?$")
_PASSWORD: Final = re.compile(r"(?<=:)[^:/@\s]+(?=@)")
_ENV_FILE: Final = HOME / ".env"


def fields() -> Iterator[tuple[str, tuple[str, ...], FieldInfo]]:
    """Yield the variable, the path of attributes and the field of each setting."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for inner, inner_field in field.annotation.model_fields.items():
                yield f"{_PREFIX}{name}__{inner}".upper(), (name, inner), inner_field
        else:
            prefix = "" if name.upper() in _WITHOUT_PREFIX - {"STORAGE_EMULATOR_HOST"} else _PREFIX
            yield f"{prefix}{name}".upper(), (name,), field


def misspelt(variables: Iterable[str]) -> dict[str, str | None]:
    """Return the variables that look like settings and are none, each with the most similar setting, if any."""
    names = [name for name, _, _ in fields()]
    sections = {name.partition("__")[0] for name in names if "__" in name}
    known = {
        *names,
        *sections,
        *_OTHER_VARIABLES,
        *_EARLIER_NAMES.values(),
        *(f"{_PREFIX}{name}" for name in _WITHOUT_PREFIX),
    }
    unknown = [
        name
        for name in map(str.upper, variables)
        if name.startswith(_PREFIX) and name not in known and not name.startswith(_KEYED)
    ]
    by_bare_name = {name.removeprefix(_PREFIX): name for name in names}

    def most_similar(name: str) -> str | None:
        found = difflib.get_close_matches(name.removeprefix(_PREFIX), by_bare_name, n=1)
        return by_bare_name[found[0]] if found else None

    return {name: most_similar(name) for name in sorted(unknown)}


def given_variables() -> dict[str, str]:
    """Return the variables of the environment and of the file `.env`, each with the name of its origin."""
    file = {name.upper(): ".env" for name in dotenv_values(_ENV_FILE)} if _ENV_FILE.is_file() else {}
    return file | {name.upper(): "environment" for name in os.environ}


def effective(settings: Settings, given: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield the variable, the value and the origin of each setting. Secrets are masked."""
    for variable, path, _ in fields():
        value: object = settings
        for name in path:
            value = getattr(value, name)
        bare = variable.removeprefix(_PREFIX)
        names = {variable, f"{_PREFIX}{bare}", _EARLIER_NAMES.get(variable, variable)} | (
            {bare} if bare in _WITHOUT_PREFIX else set()
        )
        origin = next((given[name] for name in sorted(names) if name in given), "default")
        yield variable, mask(variable, "" if value is None else str(value)), origin


def mask(variable: str, value: str) -> str:
    """Hide a secret, or the password in a URL."""
    return "…" if value and _SECRET.search(variable) else _PASSWORD.sub("…", value)
