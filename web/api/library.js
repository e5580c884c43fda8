/** The library: its pages, filters and entries. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";

const ENTRY = gql`
  fragment Entry on LibraryEntry {
    id
    source
    isFavourite
    tags
    track {
      id
      title
      style
      tempoBpm
      measuredDurationSeconds
      cover { svgUrl }
    }
  }
`;

/** @type {Operation<"Library">} */
const LIBRARY = gql`
  query Library(
    $id: ID!
    $first: Int
    $after: String
    $query: String
    $sort: LibrarySort
    $filter: LibraryFilter
    $counts: Boolean!
  ) {
    organization(id: $id) {
      library(first: $first, after: $after, query: $query, sort: $sort, filter: $filter) {
        edges { node { ...Entry } }
        pageInfo { hasNextPage endCursor }
        totalCount @include(if: $counts)
      }
    }
  }
  ${ENTRY}
`;

/** Costs little, however long the page is. */
/** @type {Operation<"LibraryCursor">} */
const LIBRARY_CURSOR = gql`
  query LibraryCursor($id: ID!, $first: Int, $after: String, $query: String, $sort: LibrarySort, $filter: LibraryFilter) {
    organization(id: $id) {
      library(first: $first, after: $after, query: $query, sort: $sort, filter: $filter) {
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;

/** @type {Operation<"LibraryFacets">} */
const FACETS = gql`
  query LibraryFacets($id: ID!) {
    organization(id: $id) { libraryFacets { styles { value count } tags { value count } } }
  }
`;

/** @type {Operation<"Tracks">} */
const TRACKS = gql`
  query Tracks($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Track { id title style measuredDurationSeconds cover { svgUrl } }
    }
  }
`;

/** @type {Operation<"Favourite">} */
const FAVOURITE = gql`
  mutation Favourite($input: FavouriteTrackInput!) {
    favouriteTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Tag">} */
const TAG = gql`
  mutation Tag($input: TagTrackInput!) {
    tagTrack(input: $input) {
      __typename
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
    }
  }
`;

/** @type {Operation<"Unsave">} */
const UNSAVE = gql`
  mutation Unsave($input: TrackInput!) {
    unsaveTrack(input: $input) { __typename ... on Error { code message } }
  }
`;

/**
 * Load a page of the library, or only the cursor of the next one.
 *
 * @param {{ query?: string, sort?: Api.LibrarySort, filter?: Api.LibraryFilter }} list
 * @param {Partial<import("../app/paged-list.js").Request>} page
 * @param {AbortSignal} [signal]
 * @returns {Promise<import("../app/paged-list.js").Page<SavedEntry>>}
 */
export async function loadLibrary(list, { first, after = null, isFirst = true, isSkipped = false }, signal) {
  const variables = { id: organization().id, ...list, query: list.query || null, first, after };
  if (isSkipped) return { items: [], ...(await execute(LIBRARY_CURSOR, variables, signal)).organization.library.pageInfo };
  const { edges, pageInfo, totalCount } = (await execute(LIBRARY, { ...variables, counts: isFirst }, signal)).organization.library;
  // the library has no entries of deleted tracks
  return { items: edges.map(({ node }) => /** @type {SavedEntry} */ (node)), ...pageInfo, total: totalCount };
}

/** @param {AbortSignal} [signal] */
export const loadFacets = async (signal) =>
  (await execute(FACETS, { id: organization().id }, signal)).organization.libraryFacets;

/**
 * Load tracks by their ids; those that cannot be read are null.
 *
 * @param {string[]} ids up to 100
 */
export const loadTracks = async (ids) => (await execute(TRACKS, { ids })).nodes;

/**
 * @param {string} id
 * @param {boolean} isFavourite
 */
export const setFavourite = (id, isFavourite) => execute(FAVOURITE, { input: { id, isFavourite } });

/**
 * @param {string} id
 * @param {string[]} tags
 */
export const tagTrack = (id, tags) => execute(TAG, { input: { id, tags } });

/** @param {string} id */
export const unsaveTrack = (id) => execute(UNSAVE, { input: { id } });
