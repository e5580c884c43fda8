/** Recordings that tracks are made from: a declaration of rights, then the file. */

import { organization } from "../app/session.js";
import { ApiError, execute, gql } from "./graphql.js";

/** @type {Operation<"CreateReferenceAudio">} */
const CREATE = gql`
  mutation CreateReferenceAudio($input: CreateReferenceAudioInput!) {
    createReferenceAudio(input: $input) {
      __typename
      ... on CreateReferenceAudioPayload { referenceAudio { id uploadUrl } }
      ... on Error { code message }
      ... on InvalidInputError { problems { path message } }
    }
  }
`;

/** @type {Operation<"DeleteReferenceAudio">} */
const DELETE = gql`
  mutation DeleteReferenceAudio($input: DeleteReferenceAudioInput!) {
    deleteReferenceAudio(input: $input) { __typename ... on Error { code message } }
  }
`;

/**
 * Declare why the viewer may use a recording, and upload it. Throws ApiError.
 *
 * @param {File} file
 * @param {{ basis: Api.RightsBasis, statement?: string }} rights
 * @returns {Promise<{ id: string, name: string, seconds: number }>}
 */
export async function uploadReferenceAudio(file, rights) {
  const input = { organizationId: organization().id, name: file.name, ...rights };
  const declared = (await execute(CREATE, { input })).createReferenceAudio.referenceAudio;
  // on the origin of the page, whatever address the server names itself by
  const url = `${location.origin}${new URL(declared.uploadUrl ?? "", location.href).pathname}`;
  const headers = { "Content-Type": "application/octet-stream" };
  const response = await fetch(url, { method: "PUT", body: file, headers }).catch(() => null);
  if (!response) throw new ApiError("", { code: "OFFLINE" });
  const answer = await response.json();
  if (response.ok) return { id: declared.id, name: file.name, seconds: answer.duration_seconds };
  void deleteReferenceAudio(declared.id).catch(() => {});
  const { code, message, details } = answer.error;
  throw new ApiError(message, { code, details: { problems: details.errors } });
}

/** @param {string} id */
export async function deleteReferenceAudio(id) {
  await execute(DELETE, { input: { id } });
}
