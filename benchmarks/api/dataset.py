"""A large data set, created in seconds: users with API keys, jobs with tracks and files, saved in libraries."""

import hashlib
import random
from dataclasses import dataclass
from typing import Final

import asyncpg

from core import api_keys, ids
from core.ids import Kind

ORGANIZATIONS: Final = 100

_ORGANIZATIONS: Final = """
INSERT INTO organizations (id, name, created_at)
SELECT id, 'Studio', now() FROM unnest($1::text[]) AS id ON CONFLICT DO NOTHING;
"""
_USERS: Final = "INSERT INTO users (id, name, created_at) SELECT id, 'User', now() FROM unnest($1::text[]) AS id"
_MEMBERS: Final = """
INSERT INTO memberships (organization_id, user_id, role, created_at)
SELECT organization_id, user_id, 'member', now() FROM unnest($1::text[], $2::text[]) AS m (organization_id, user_id)
"""
_KEYS: Final = """
INSERT INTO api_keys (id, user_id, name, hint, digest, created_at)
SELECT id, user_id, 'benchmark', 'ak_0000', digest, now()
FROM unnest($1::text[], $2::text[], $3::bytea[]) AS k (id, user_id, digest)
"""

_ROWS: Final = """
CREATE TEMPORARY TABLE numbered_rows AS
SELECT number, organization_ids[owner + 1] AS organization_id, user_ids[owner + 1] AS user_id,
    substr(md5('row ' || number), 1, 24) AS tail, timestamptz '2026-01-01' + number * interval '37.251 s' AS moment
FROM (
    SELECT number, CASE WHEN number <= $1 / 2 THEN 0 ELSE 1 + number % (cardinality($3::text[]) - 1) END AS owner,
        $2::text[] AS organization_ids, $3::text[] AS user_ids
    FROM generate_series(1, $1::int) AS number
) AS numbered;
"""

_FILL: Final = """
INSERT INTO generations (
    id, organization_id, user_id, status, progress, sequence, engine, mode, prompt, duration_seconds, instrumental,
    style_tags, seed, loop, fingerprint, cost_chf, attempts, fence, created_at, started_at, finished_at
)
SELECT 'mgen_' || tail, organization_id, user_id, 'succeeded', 100, 9, 'studio', 'creation',
    'warm lofi beat at 82 bpm with rhodes and vinyl crackle, take ' || number, 120, true, '["lofi"]', number, false,
    '', 0.4, 1, 1, moment, moment, moment + interval '12 s'
FROM numbered_rows;

INSERT INTO tracks (
    id, organization_id, user_id, generation_id, title, engine, engine_version, mode, seed, instrumental,
    measured_duration_seconds, tempo_bpm, key, metre, style, loudness_lufs, true_peak_dbtp, chords, sections, report,
    palette, licence_class, licence_version, commercial_use, requires_attribution, created_at
)
SELECT 'mtrack_' || tail, organization_id, user_id, 'mgen_' || tail, 'Night Desk ' || number, 'studio', '1.2',
    'creation', number, true, 120 + number % 50 / 10.0, 82, 'D minor', '4/4', 'lofi', -14.1, -1.0,
    '[{"at": 0.0, "symbol": "Dm7"}]', '[{"name": "intro", "starts_at": 0.0}]', '{"notes": []}',
    '["#223344", "#556677"]', 'commercial_cleared', '2026-11', true, false, moment
FROM numbered_rows;

INSERT INTO track_files (track_id, role, name, blob_key, media_type, size_bytes)
SELECT 'mtrack_' || tail, 'master', '', 'sha256/' || substr(md5(tail), 1, 2) || '/' || md5(tail) || md5(tail) || '.mp3',
    'audio/mpeg', 2880000
FROM numbered_rows;

INSERT INTO library_entries (
    id, organization_id, user_id, track_id, source, tags, is_favourite, about, created_at
)
SELECT 'mlib_' || tail, organization_id, user_id, 'mtrack_' || tail, 'own', '["calm"]', false,
    'Night Desk ' || number, moment
FROM numbered_rows;

INSERT INTO library_sort_keys (entry_id, organization_id, user_id, track_created_at, title, duration_seconds)
SELECT 'mlib_' || tail, organization_id, user_id, moment, 'night desk ' || number, 120 + number % 50 / 10.0
FROM numbered_rows;

DROP TABLE numbered_rows;
"""


@dataclass(frozen=True, slots=True)
class ApiUser:
    """A user with an API key."""

    organization_id: str
    user_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The users, and the number of rows. The first user owns half of all rows, the others share the rest."""

    users: list[ApiUser]
    rows: int

    def owner(self, number: int) -> ApiUser:
        """Return the owner of a row; numbers start at 1."""
        return self.users[0 if number <= self.rows // 2 else 1 + number % (len(self.users) - 1)]

    def sample_rows(self, count: int) -> list[int]:
        """Return reproducible random row numbers, without those of the first user."""
        return [random.Random(seed).randint(self.rows // 2 + 1, self.rows) for seed in range(count)]  # noqa: S311  no secret


def generation_id(number: int) -> str:
    return f"mgen_{_id_suffix(number)}"


def track_id(number: int) -> str:
    return f"mtrack_{_id_suffix(number)}"


async def create_dataset(database_url: str, rows: int, users: int) -> Dataset:
    """Fill an empty database whose migrations have run."""
    organizations = [ids.new(Kind.ORGANIZATION) for _ in range(min(ORGANIZATIONS, users))]
    api_users = [
        ApiUser(organizations[n % len(organizations)], ids.new(Kind.USER), api_keys.new()) for n in range(users)
    ]
    connection = await asyncpg.connect(database_url, command_timeout=600)
    # skip foreign key checks and triggers; the database is temporary
    await connection.execute("SET session_replication_role = replica")
    await _insert_users(connection, api_users)
    arrays = [user.organization_id for user in api_users], [user.user_id for user in api_users]
    await connection.execute("SET work_mem = '256MB'")
    await connection.execute(_ROWS.split(";", maxsplit=1)[0], rows, *arrays)
    await connection.execute(_FILL)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    return Dataset(api_users, rows)


async def _insert_users(connection: asyncpg.Connection, api_users: list[ApiUser]) -> None:
    organization_ids, user_ids = [user.organization_id for user in api_users], [user.user_id for user in api_users]
    digests = [api_keys.digest(user.key) for user in api_users]
    await connection.execute(_ORGANIZATIONS, list(set(organization_ids)))
    await connection.execute(_USERS, user_ids)
    await connection.execute(_MEMBERS, organization_ids, user_ids)
    await connection.execute(_KEYS, [ids.new(Kind.API_KEY) for _ in api_users], user_ids, digests)


def _id_suffix(number: int) -> str:
    return hashlib.md5(f"row {number}".encode(), usedforsecurity=False).hexdigest()[:24]
