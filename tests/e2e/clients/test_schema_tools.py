"""Code generators accept the committed GraphQL schema."""

import json

import pytest

from core.settings import PROJECT
from tests.support.processes.node_clients import Clients

pytestmark = pytest.mark.timeout(600)


def test_graphql_codegen_writes_types_for_the_schema(clients: Clients) -> None:
    written = clients.run("codegen.mjs", str(PROJECT / "schema" / "schema.graphql"), "operations.graphql")
    for name in ("LibraryQuery", "CreateGenerationMutation", "GenerationUpdatedSubscription", "TrackCardFragment"):
        assert f"export type {name} =" in written
    for document in ("LibraryDocument", "CreateGenerationDocument", "GenerationUpdatedDocument"):
        assert f"export const {document} =" in written


def test_the_relay_compiler_accepts_the_schema(clients: Clients) -> None:
    artifacts = clients.folder / "relay" / "__generated__"
    config = {
        "src": str(clients.folder / "relay"),
        "schema": str(PROJECT / "schema" / "schema.graphql"),
        "language": "typescript",
    }
    path = clients.folder / "relay.config.json"
    path.write_text(json.dumps(config))
    for old in artifacts.glob("*"):
        old.unlink()
    clients.run("node_modules/relay-compiler/cli.js", "relay.config.json")
    assert {path.name for path in artifacts.iterdir()} >= {
        "LibraryQuery.graphql.ts",
        "LibraryPageQuery.graphql.ts",
        "LibraryTrackQuery.graphql.ts",
        "Library_tracks.graphql.ts",
        "LibraryCreateMutation.graphql.ts",
        "LibraryWatchSubscription.graphql.ts",
    }
