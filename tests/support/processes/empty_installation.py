"""A second installation with only an organization and a user, for exports and imports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from core.settings import Settings
from resolvers.access import accounts
from resolvers.signing import keyring, signatures
from server import bootstrap
from server.embedded import ports
from storage.blobs import factory
from storage.blobs.port import BlobStore
from storage.postgres.database import Database
from storage.queries.archives import Owner
from storage.tables import Role
from tests.support.users import Person
from workers.archives import exporter, importer
from workers.archives.exporter import ExportResult, ExportSource
from workers.archives.importer import ImportResult, ImportTarget


@dataclass(frozen=True, slots=True)
class Installation:
    """A database, a blob store and a user."""

    settings: Settings
    database: Database
    blobs: BlobStore
    person: Person

    async def export(self, path: Path) -> ExportResult:
        """Export everything that the user owns to an archive."""
        source = ExportSource(
            self.database, self.blobs, keyring.load_receipt_signer(self.settings), self.settings.public_url
        )
        return await exporter.write(source, Owner(self.person.user_id, [self.person.organization_id]), path)

    async def import_archive(self, path: Path, *, keys_of: "Installation | None" = None) -> ImportResult:
        """Import an archive for the user; check receipts with the keys of another installation if given."""
        published = keyring.load_receipt_signer(keys_of.settings).to_jwks() if keys_of else None
        keys = signatures.parse_jwks(published) if published else None
        person = self.person
        target = ImportTarget(self.database, self.blobs, person.user_id, person.organization_id, keys)
        return await importer.read(path, target)


def current_installation(settings: Settings, database: Database, person: Person) -> Installation:
    """Return the installation of the tests."""
    return Installation(settings, database, factory.create(settings, bootstrap.build_url_signer(settings)), person)


@asynccontextmanager
async def second_installation(settings: Settings, name: str, data_dir: Path) -> AsyncIterator[Installation]:
    """Create an installation with an empty database in the same Postgres and a separate folder."""
    address = str(settings.database_url)
    admin = await asyncpg.connect(address)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE studio_template")
    url = f"{address.rpartition('/')[0]}/{name}"
    server = settings.server.model_copy(update={"port": ports.find_free()})
    changed = settings.model_copy(update={"database_url": url, "data_dir": data_dir, "server": server})
    database = Database(url)
    try:
        organization = await accounts.create_organization(database, "Elsewhere")
        user = await accounts.create_user(database, "Ada again", organization.id, Role.ADMIN)
        key = await accounts.create_key(database, user.id, "test", None)
        yield current_installation(changed, database, Person(user.id, organization.id, key.text))
    finally:
        await database.close()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
