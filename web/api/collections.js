/** Collections and their tracks. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";

const CARD = gql`
  fragment Card on Collection {
    id
    name
    description
    trackCount
    cover { svgUrl }
    tracks(first: 4) { edges { node { id cover { svgUrl } } } }
  }
`;

/** @type {Operation<"Collections">} */
const COLLECTIONS = gql`
  query Collections($id: ID!, $first: Int, $after: String) {
    organization(id: $id) {
      collections(first: $first, after: $after) {
        edges { node { ...Card } }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
  ${CARD}
`;

/** @type {Operation<"Collection">} */
const COLLECTION = gql`
  query Collection($organizationId: ID!, $id: ID!) {
    organization(id: $organizationId) { collection(id: $id) { ...Card } }
  }
  ${CARD}
`;

/** @type {Operation<"CollectionTracks">} */
const MEMBERS = gql`
  query CollectionTracks($organizationId: ID!, $id: ID!, $first: Int, $after: String) {
    organization(id: $organizationId) {
      collection(id: $id) {
        tracks(first: $first, after: $after) {
          edges {
            node {
              id
              title
              style
              tempoBpm
              measuredDurationSeconds
              cover { svgUrl }
              libraryEntry { source isFavourite tags }
            }
          }
          pageInfo { hasNextPage endCursor }
          totalCount
        }
      }
    }
  }
`;

/** @type {Operation<"CreateCollection">} */
const CREATE = gql`
  mutation CreateCollection($input: CreateCollectionInput!) {
    createCollection(input: $input) {
      __typename
      ... on CollectionPayload { collection { id name } }
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
    }
  }
`;

/** @type {Operation<"UpdateCollection">} */
const UPDATE = gql`
  mutation UpdateCollection($input: UpdateCollectionInput!) {
    updateCollection(input: $input) {
      __typename
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
    }
  }
`;

/** @type {Operation<"DeleteCollection">} */
const DELETE = gql`
  mutation DeleteCollection($input: CollectionInput!) {
    deleteCollection(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"AddCollectionTrack">} */
const ADD = gql`
  mutation AddCollectionTrack($input: CollectionTrackInput!) {
    addCollectionTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"RemoveCollectionTrack">} */
const REMOVE = gql`
  mutation RemoveCollectionTrack($input: CollectionTrackInput!) {
    removeCollectionTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"ReorderCollection">} */
const REORDER = gql`
  mutation ReorderCollection($input: ReorderCollectionInput!) {
    reorderCollection(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"ShareCollection">} */
const SHARE = gql`
  mutation ShareCollection($input: ShareInput!) {
    shareCollection(input: $input) { __typename ... on SharePayload { url } ... on Error { code message } }
  }
`;

/**
 * @template Item
 * @param {Connection<Item>} connection
 * @returns {import("../app/paged-list.js").Page<Item>}
 */
const toPage = ({ edges, pageInfo, totalCount }) => ({
  items: edges.map((edge) => edge.node),
  ...pageInfo,
  total: totalCount,
});

/**
 * Load a page of the collections, newest first.
 *
 * @param {{ first: number, after?: string | null }} page
 * @param {AbortSignal} [signal]
 */
export async function loadCollections({ first, after = null }, signal) {
  return toPage((await execute(COLLECTIONS, { id: organization().id, first, after }, signal)).organization.collections);
}

/**
 * Load a collection; null if it does not exist.
 *
 * @param {string} id
 * @param {AbortSignal} [signal]
 */
export async function loadCollection(id, signal) {
  return (await execute(COLLECTION, { organizationId: organization().id, id }, signal)).organization.collection;
}

/**
 * Load a page of the tracks of a collection.
 *
 * @param {string} id
 * @param {{ first: number, after: string | null }} page
 * @param {AbortSignal} signal
 */
export async function loadMembers(id, { first, after }, signal) {
  const variables = { organizationId: organization().id, id, first, after };
  const { collection } = (await execute(MEMBERS, variables, signal)).organization;
  return collection ? toPage(collection.tracks) : { items: [], endCursor: null, hasNextPage: false, total: 0 };
}

/**
 * Create a collection and return it.
 *
 * @param {{ name: string, description?: string }} fields
 */
export const createCollection = async (fields) =>
  (await execute(CREATE, { input: { ...fields, organizationId: organization().id } })).createCollection.collection;

/**
 * @param {string} id
 * @param {{ name?: string, description?: string, coverTrackId?: string }} fields
 */
export const updateCollection = (id, fields) => execute(UPDATE, { input: { id, ...fields } });

/** @param {string} id */
export const deleteCollection = (id) => execute(DELETE, { input: { id } });

/**
 * @param {string} collectionId
 * @param {string} trackId
 */
export const addToCollection = (collectionId, trackId) => execute(ADD, { input: { collectionId, trackId } });

/**
 * @param {string} collectionId
 * @param {string} trackId
 */
export const removeFromCollection = (collectionId, trackId) => execute(REMOVE, { input: { collectionId, trackId } });

/**
 * Move tracks to the front of a collection, in this order.
 *
 * @param {string} id
 * @param {string[]} orderedTrackIds
 */
export const reorderCollection = (id, orderedTrackIds) => execute(REORDER, { input: { id, orderedTrackIds } });

/**
 * Create a share link and return its URL.
 *
 * @param {string} id
 */
export const shareCollection = async (id) => (await execute(SHARE, { input: { id } })).shareCollection.url;
