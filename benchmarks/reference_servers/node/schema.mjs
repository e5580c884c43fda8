// The schema and the resolvers that both servers share: hand-written SQL, one statement for the key, then one for the
// work.

import { createHash } from "node:crypto";
import pg from "pg";

const CONNECTIONS = 10;

export const typeDefs = `
  type Query { organization(id: ID!): Organization }
  type Organization { generation(id: ID!): Generation library(first: Int!): Library! }
  type Generation {
    id: ID! status: String! progress: Int! engine: String! mode: String! createdAt: String! track: Track
  }
  type Track {
    id: ID! title: String engine: String! mode: String! instrumental: Boolean! measuredDurationSeconds: Float
    tempoBpm: Float key: String createdAt: String!
  }
  type Library { edges: [Edge!]! pageInfo: PageInfo! }
  type Edge { cursor: String! node: LibraryEntry! }
  type LibraryEntry { id: ID! track: Track! }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
`;

// prepared once for each connection, by their names
const MEMBER = {
  name: "member",
  text: `SELECT api_keys.user_id FROM api_keys JOIN memberships USING (user_id)
    WHERE digest = $1 AND organization_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
};
const GENERATION = {
  name: "generation",
  text: `SELECT id, status, progress, engine, mode, created_at FROM generations
    WHERE user_id = $1 AND organization_id = $2 AND id = $3`,
};
const TRACK_COLUMNS = `tracks.id AS track_id, title, engine, mode, instrumental, measured_duration_seconds, tempo_bpm, key,
  tracks.created_at AS track_created_at`;
const TRACK = { name: "track", text: `SELECT ${TRACK_COLUMNS} FROM tracks WHERE generation_id = $1` };
const LIBRARY = {
  name: "library",
  text: `SELECT entries.id, entries.created_at, ${TRACK_COLUMNS}
    FROM library_entries AS entries JOIN tracks ON tracks.id = track_id
    WHERE entries.user_id = $1 AND entries.organization_id = $2
    ORDER BY entries.created_at DESC, entries.id DESC LIMIT $3`,
};

// the default of pg: the stack has 200 connections for all servers together
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: CONNECTIONS });

const query = async (statement, values) => (await pool.query({ ...statement, values })).rows;

const time = (moment) => `${moment.toISOString().slice(0, 19)}Z`;

const toTrack = (row) => ({
  id: row.track_id,
  title: row.title,
  engine: row.engine,
  mode: row.mode.toUpperCase(),
  instrumental: row.instrumental,
  measuredDurationSeconds: row.measured_duration_seconds,
  tempoBpm: row.tempo_bpm,
  key: row.key,
  createdAt: time(row.track_created_at),
});

const toEdge = (row) => ({
  cursor: Buffer.from(`${row.created_at.toISOString()} ${row.id}`).toString("base64url"),
  node: { id: row.id, track: toTrack(row) },
});

export const resolvers = {
  Query: {
    async organization(_, { id }, { apiKey }) {
      const digest = createHash("sha256").update(apiKey).digest();
      const [member] = await query(MEMBER, [digest, id]);
      return member ? { id, userId: member.user_id } : null;
    },
  },
  Organization: {
    async generation(organization, { id }) {
      const [row] = await query(GENERATION, [organization.userId, organization.id, id]);
      if (!row) return null;
      const [status, mode] = [row.status.toUpperCase(), row.mode.toUpperCase()];
      return { ...row, status, mode, createdAt: time(row.created_at) };
    },
    async library(organization, { first }) {
      const rows = await query(LIBRARY, [organization.userId, organization.id, first + 1]);
      const edges = rows.slice(0, first).map(toEdge);
      const [startCursor, endCursor] = [edges[0]?.cursor, edges.at(-1)?.cursor];
      return { edges, pageInfo: { hasNextPage: rows.length > first, hasPreviousPage: false, startCursor, endCursor } };
    },
  },
  Generation: {
    async track({ id }) {
      const [row] = await query(TRACK, [id]);
      return row ? toTrack(row) : null;
    },
  },
};
