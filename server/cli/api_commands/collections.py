"""``studio collections``: ordered collections of tracks."""

from itertools import islice
from typing import Annotated

import typer
from music_studio_client import MusicStudio

from server.cli import output
from server.cli.api_commands.api_client import with_client
from server.cli.api_commands.arguments import DaysOption, LimitOption, TrackId

collections = typer.Typer(no_args_is_help=True, help="Create, list, fill, reorder, share and delete collections.")

CollectionId = Annotated[str, typer.Argument(help="Id of the collection.")]


@collections.command("list")
@with_client
def list_collections(studio: MusicStudio, limit: LimitOption = 50) -> None:
    """List the collections."""
    found = [*islice(studio.collections.list(), limit)]
    rows = [
        {"id": each.id, "name": each.name, "tracks": each.track_count, "changed": each.updated_at} for each in found
    ]
    output.print_rows(rows, ("id", "name", "tracks", "changed"), found)


@collections.command("show")
@with_client
def show(studio: MusicStudio, collection_id: CollectionId) -> None:
    """List the tracks of a collection in its order."""
    found = [*studio.collections.tracks(collection_id)]
    rows = [
        {"position": number, "id": track.id, "title": track.title, "seconds": track.measured_duration_seconds}
        for number, track in enumerate(found, 1)
    ]
    output.print_rows(rows, ("position", "id", "title", "seconds"), found)


@collections.command("create")
@with_client
def create(
    studio: MusicStudio,
    name: Annotated[str, typer.Argument(help="Name of the collection.")],
    track: Annotated[list[str] | None, typer.Option(help="Id of a track to add. Can be repeated.")] = None,
    description: Annotated[str | None, typer.Option(help="Description.")] = None,
) -> None:
    """Create a collection and print its id."""
    collection = studio.collections.create(name, description)
    for track_id in track or ():
        collection = studio.collections.add(collection.id, track_id)
    output.print_done(collection.id, id=collection.id, name=collection.name, trackCount=collection.track_count)


@collections.command("add")
@with_client
def add(
    studio: MusicStudio,
    collection_id: CollectionId,
    track_id: Annotated[list[str], typer.Argument(help="Ids of tracks.")],
) -> None:
    """Append tracks to a collection."""
    for each in track_id:
        collection = studio.collections.add(collection_id, each)
    output.print_done(f"{collection.name} has {collection.track_count} track(s).", trackCount=collection.track_count)


@collections.command("remove")
@with_client
def remove(studio: MusicStudio, collection_id: CollectionId, track_id: TrackId) -> None:
    """Take a track out of a collection."""
    collection = studio.collections.remove(collection_id, track_id)
    output.print_done(f"{collection.name} has {collection.track_count} track(s).", trackCount=collection.track_count)


@collections.command("reorder")
@with_client
def reorder(
    studio: MusicStudio,
    collection_id: CollectionId,
    track_id: Annotated[list[str], typer.Argument(help="Ids of the tracks that come first, in this order.")],
) -> None:
    """Change the order of a collection."""
    studio.collections.reorder(collection_id, track_id)
    output.print_done("The order is changed.", id=collection_id)


@collections.command("rename")
@with_client
def rename(
    studio: MusicStudio, collection_id: CollectionId, name: Annotated[str, typer.Argument(help="The new name.")]
) -> None:
    """Change the name of a collection."""
    studio.collections.rename(collection_id, name)
    output.print_done(f"{collection_id} is now called {name}.", id=collection_id, name=name)


@collections.command("share")
@with_client
def share(
    studio: MusicStudio,
    collection_id: CollectionId,
    days: DaysOption = None,
) -> None:
    """Create a public link to a collection and print it. `shares revoke` ends it."""
    shared = studio.shares.share_collection(collection_id, expires_in_days=days)
    output.print_done(shared.url, id=shared.link.id, url=shared.url)


@collections.command("delete")
@with_client
def delete(studio: MusicStudio, collection_id: CollectionId) -> None:
    """Delete a collection. Its tracks stay."""
    studio.collections.delete(collection_id)
    output.print_done(f"{collection_id} is deleted.", deletedId=collection_id)
