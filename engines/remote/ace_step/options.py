"""The settings of an ACE-Step instance that other kinds of engines do not have, in the setting ``options``."""

from typing import Annotated, Self

from pydantic import Field, ValidationError

from core.settings.remote_engines import RemoteEngineSettings
from core.settings.values import Section


class _Options(Section):
    inference_steps: Annotated[int, Field(ge=1, le=200)] | None = None
    """Diffusion steps; by default those of the server."""
    guidance_scale: Annotated[float, Field(ge=1, le=20)] | None = None
    """Strength of the prompt, for base models; by default that of the server."""

    @classmethod
    def read(cls, key: str, settings: RemoteEngineSettings) -> Self:
        """Return the options of an instance. Raises ValueError that names the instance and each wrong option."""
        try:
            return cls.model_validate(settings.options)
        except ValidationError as error:
            problems = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors(include_url=False))
            raise ValueError(f"The remote engine {key} has wrong options. {problems}.") from None


class ServerOptions(_Options):
    """Options of the server in Python."""

    thinking: bool = False
    """Whether the language model of the server plans the music first."""


class CppOptions(_Options):
    """Options of acestep.cpp."""

    adapter: str = ""
    """Name of a LoRA in the adapter folder of the server; empty for none."""
    adapter_scale: Annotated[float, Field(ge=0, le=2)] = 1.0
    """Strength of the LoRA."""
