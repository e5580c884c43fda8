/** Tracks. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";

const PLAYABLE = gql`
  fragment Playable on Track {
    id
    title
    measuredDurationSeconds
    palette
    playbackUrl
    cover { svgUrl pngUrl }
    waveform(points: 800)
    sections { startMs endMs name }
    libraryEntry { source isFavourite tags }
  }
`;

/** @type {Operation<"Playback">} */
const PLAYBACK = gql`
  query Playback($organizationId: ID!, $id: ID!) {
    organization(id: $organizationId) { track(id: $id) { ...Playable } }
  }
  ${PLAYABLE}
`;

const RELATED = gql`
  fragment Related on Track {
    id
    title
    cover { svgUrl }
  }
`;

/** @type {Operation<"Track">} */
const TRACK = gql`
  query Track($organizationId: ID!, $id: ID!) {
    organization(id: $organizationId) {
      track(id: $id) {
        ...Playable
        engine
        engineVersion
        seed
        style
        createdAt
        stems { name url }
        tempoBpm
        metre
        chords { startMs endMs symbol }
        score { midiUrl }
        generation { prompt styleTags }
        receipt
        origin { issuer isVerified }
        lineage {
          seedTrack { ...Related }
          derivedTracks(first: 20) { edges { node { ...Related } } }
        }
        licence { class version requiresAttribution }
        requested { tempoBpm durationSeconds loudnessLufs key metre }
        measured { tempoBpm durationSeconds loudnessLufs key metre }
        report {
          tempoBpm { delivered }
          durationSeconds { delivered }
          loudnessLufs { delivered }
          key { delivered }
          metre { delivered }
          wordsUsed
          wordsApproximated { asked given }
          wordsIgnored
          remarks { code text words }
          instruments { name stem startsAtSeconds share }
          fieldSupport { field support note }
        }
        downloads { format part fileName sizeBytes isReady url }
      }
    }
  }
  ${PLAYABLE}
  ${RELATED}
`;

/** @type {Operation<"Save">} */
const SAVE = gql`
  mutation Save($input: TrackInput!) {
    saveTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Rename">} */
const RENAME = gql`
  mutation Rename($input: UpdateTrackInput!) {
    updateTrack(input: $input) { __typename ... on Error { code message } ... on InvalidInputError { problems { path message } } }
  }
`;

/** @type {Operation<"Delete">} */
const DELETE = gql`
  mutation Delete($input: TrackInput!) {
    deleteTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Prepare">} */
const PREPARE = gql`
  mutation Prepare($input: PrepareDownloadInput!) {
    prepareDownload(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Share">} */
const SHARE = gql`
  mutation Share($input: ShareInput!) {
    shareTrack(input: $input) { __typename ... on SharePayload { url } ... on Error { code message } }
  }
`;

/**
 * Load what the player needs of a track; null if it does not exist.
 *
 * @param {string} id
 */
export async function loadPlayback(id) {
  return (await execute(PLAYBACK, { organizationId: organization().id, id })).organization.track;
}

/**
 * Load a track; null if it does not exist.
 *
 * @param {string} id
 * @param {AbortSignal} [signal]
 */
export async function loadTrack(id, signal) {
  return (await execute(TRACK, { organizationId: organization().id, id }, signal)).organization.track;
}

/**
 * Save a track to the library.
 *
 * @param {string} id
 */
export const saveTrack = (id) => execute(SAVE, { input: { id } });

/**
 * @param {string} id
 * @param {string} title
 */
export const renameTrack = (id, title) => execute(RENAME, { input: { id, title } });

/** @param {string} id */
export const deleteTrack = (id) => execute(DELETE, { input: { id } });

/**
 * @param {string} id
 * @param {Api.DownloadFormat} format
 * @param {string | null} part
 */
export const prepareDownload = (id, format, part) => execute(PREPARE, { input: { id, format, part } });

/**
 * Create a share link and return its URL.
 *
 * @param {string} id
 */
export const shareTrack = async (id) => (await execute(SHARE, { input: { id } })).shareTrack.url;
