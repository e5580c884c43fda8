/** Archives of selected tracks. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";

const ARCHIVE = gql`
  fragment Archive on Export {
    id
    status
    progress
    url
  }
`;

/** @type {Operation<"CreateExport">} */
const CREATE = gql`
  mutation CreateExport($input: CreateExportInput!) {
    createExport(input: $input) {
      __typename
      ... on CreateExportPayload { export { ...Archive } }
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
    }
  }
  ${ARCHIVE}
`;

/** @type {Operation<"FindExport">} */
const FIND = gql`
  query FindExport($id: ID!) {
    node(id: $id) { ... on Export { ...Archive } }
  }
  ${ARCHIVE}
`;

/**
 * Request an archive of tracks that the viewer made.
 *
 * @param {string[]} trackIds
 */
export async function createExport(trackIds) {
  const input = { organizationId: organization().id, trackIds };
  return (await execute(CREATE, { input })).createExport.export;
}

/** @param {string} id */
export const findExport = async (id) => (await execute(FIND, { id })).node;
