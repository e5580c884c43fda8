"""Arguments and options that several commands have."""

from typing import Annotated

import typer

TrackId = Annotated[str, typer.Argument(help="Id of the track.")]
LimitOption = Annotated[int, typer.Option(min=1, help="Number of lines at most.")]
DaysOption = Annotated[int | None, typer.Option(min=1, help="Days until the link expires. Default: never.")]
