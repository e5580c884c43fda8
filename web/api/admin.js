/** Usage, API keys, webhooks and members of the organization. */

import { organization } from "../app/session.js";
import { execute, gql } from "./graphql.js";

/** @type {Operation<"Usage">} */
const USAGE = gql`
  query Usage($id: ID!, $all: Boolean!) {
    organization(id: $id) {
      usage @skip(if: $all) { ...Spending }
      memberUsage @include(if: $all) { ...Spending }
      storage { bytes files }
    }
  }
  fragment Spending on Usage {
    window resetsAt costChf committedChf limitChf byEngine { engine trackCount costChf }
  }
`;

/** @type {Operation<"SetSpendLimit">} */
const LIMIT = gql`
  mutation SetSpendLimit($input: SetSpendLimitInput!) {
    setSpendLimit(input: $input) { __typename ... on Error { code message } ... on InvalidInputError { problems { message } } }
  }
`;

/** @type {Operation<"Keys">} */
const KEYS = gql`
  query Keys($id: ID!, $all: Boolean!, $after: String) {
    viewer @skip(if: $all) { apiKeys(after: $after) { ...Keys } }
    organization(id: $id) @include(if: $all) { memberApiKeys(after: $after) { ...Keys } }
  }
  fragment Keys on ApiKeyConnection {
    pageInfo { hasNextPage endCursor }
    edges { node { id name hint userName scopes isActive createdAt lastUsedAt expiresAt revokedAt } }
  }
`;

/** @type {Operation<"CreateKey">} */
const CREATE_KEY = gql`
  mutation CreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      __typename
      ... on CreateApiKeyPayload { secret }
      ... on Error { code message }
      ... on InvalidInputError { problems { message } }
    }
  }
`;

/** @type {Operation<"RevokeKey">} */
const REVOKE_KEY = gql`
  mutation RevokeKey($input: RevokeApiKeyInput!) {
    revokeApiKey(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Webhooks">} */
const WEBHOOKS = gql`
  query Webhooks($id: ID!, $after: String) {
    organization(id: $id) {
      webhooks(after: $after) {
        pageInfo { hasNextPage endCursor }
        edges { node { id url events createdAt disabledAt disabledReason previousSecretExpiresAt } }
      }
    }
  }
`;

/** @type {Operation<"Deliveries">} */
const DELIVERIES = gql`
  query Deliveries($id: ID!, $after: String) {
    node(id: $id) {
      ... on Webhook {
        url
        deliveries(after: $after) {
          pageInfo { hasNextPage endCursor }
          edges {
            node { id event status createdAt nextAttemptAt payload attempts { at statusCode error milliseconds } }
          }
        }
      }
    }
  }
`;

/** @type {Operation<"CreateWebhook">} */
const CREATE_WEBHOOK = gql`
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      __typename
      ... on CreateWebhookPayload { secret }
      ... on Error { code message }
      ... on InvalidInputError { problems { message } }
    }
  }
`;

/** @type {Operation<"Rotate">} */
const ROTATE = gql`
  mutation Rotate($input: RotateWebhookSecretInput!) {
    rotateWebhookSecret(input: $input) {
      __typename
      ... on RotateWebhookSecretPayload { secret }
      ... on Error { code message }
    }
  }
`;

/** @type {Operation<"Enable">} */
const ENABLE = gql`
  mutation Enable($input: EnableWebhookInput!) {
    enableWebhook(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Disable">} */
const DISABLE = gql`
  mutation Disable($input: DisableWebhookInput!) {
    disableWebhook(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"DeleteWebhook">} */
const DELETE_WEBHOOK = gql`
  mutation DeleteWebhook($input: DeleteWebhookInput!) {
    deleteWebhook(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Redeliver">} */
const REDELIVER = gql`
  mutation Redeliver($input: RedeliverWebhookInput!) {
    redeliverWebhook(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"Members">} */
const MEMBERS = gql`
  query Members($id: ID!, $after: String) {
    organization(id: $id) {
      members(after: $after) {
        pageInfo { hasNextPage endCursor }
        edges { node { id: userId name role joinedAt disabledAt isClaimed } }
      }
    }
  }
`;

/** @type {Operation<"MemberShareLinks">} */
const SHARES = gql`
  query MemberShareLinks($id: ID!, $after: String) {
    organization(id: $id) {
      memberShareLinks(after: $after, filter: { isActive: true }) {
        pageInfo { hasNextPage endCursor }
        edges { node { id userId targetType visibility createdAt expiresAt openCount track { title } collection { name } } }
      }
    }
  }
`;

/** @type {Operation<"CreateMember">} */
const CREATE_MEMBER = gql`
  mutation CreateMember($input: CreateMemberInput!) {
    createMember(input: $input) {
      __typename
      ... on CreateMemberPayload { signInUrl }
      ... on Error { code message }
      ... on InvalidInputError { problems { message } }
    }
  }
`;

/** @type {Operation<"GrantRole">} */
const GRANT = gql`
  mutation GrantRole($input: GrantRoleInput!) {
    grantRole(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"RevokeMembership">} */
const REMOVE = gql`
  mutation RevokeMembership($input: RevokeMembershipInput!) {
    revokeMembership(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"DisableUser">} */
const DISABLE_USER = gql`
  mutation DisableUser($input: UserInput!) {
    disableUser(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @type {Operation<"RevokeShare">} */
const REVOKE_SHARE = gql`
  mutation RevokeShare($input: RevokeShareInput!) {
    revokeShare(input: $input) { __typename ... on Error { code message } }
  }
`;

/** @typedef {string | null} After a cursor */

const here = () => ({ id: organization().id });

/** Load the spending of all members, or the viewer's own. @param {boolean} all */
export const loadUsage = async (all) => (await execute(USAGE, { ...here(), all })).organization;

/**
 * Load the keys of all members, or the viewer's own.
 *
 * @param {boolean} all
 * @param {After} after
 */
export const loadKeys = async (all, after) => {
  const found = await execute(KEYS, { ...here(), all, after });
  return found.organization?.memberApiKeys ?? found.viewer?.apiKeys;
};

/** @param {After} after */
export const loadWebhooks = async (after) => (await execute(WEBHOOKS, { ...here(), after })).organization.webhooks;

/** @param {After} after */
export const loadMembers = async (after) => (await execute(MEMBERS, { ...here(), after })).organization.members;

/** @param {After} after */
export const loadShareLinks = async (after) => (await execute(SHARES, { ...here(), after })).organization.memberShareLinks;

/**
 * Load a webhook with a page of its deliveries; null if there is none.
 *
 * @param {string} id
 * @param {After} [after]
 */
export const loadWebhook = async (id, after = null) => (await execute(DELIVERIES, { id, after })).node;

/**
 * @param {Api.UsageWindow} window
 * @param {string | null} limitChf null for none
 */
export const setSpendLimit = (window, limitChf) =>
  execute(LIMIT, { input: { organizationId: organization().id, window, limitChf } });

/** Create a key and return its text. @param {Api.CreateApiKeyInput} input */
export const createKey = async (input) => (await execute(CREATE_KEY, { input })).createApiKey.secret;

/** @param {string} id */
export const revokeKey = (id) => execute(REVOKE_KEY, { input: { id } });

/**
 * Create a webhook and return its secret.
 *
 * @param {string} url
 * @param {Api.WebhookEvent[]} events
 */
export const createWebhook = async (url, events) =>
  (await execute(CREATE_WEBHOOK, { input: { organizationId: organization().id, url, events } })).createWebhook.secret;

/** Replace the secret of a webhook and return the new one. @param {string} id */
export const rotateSecret = async (id) => (await execute(ROTATE, { input: { id } })).rotateWebhookSecret.secret;

/** @param {string} id */
export const enableWebhook = (id) => execute(ENABLE, { input: { id } });

/** @param {string} id */
export const disableWebhook = (id) => execute(DISABLE, { input: { id } });

/** @param {string} id */
export const deleteWebhook = (id) => execute(DELETE_WEBHOOK, { input: { id } });

/** @param {string} deliveryId */
export const redeliver = (deliveryId) => execute(REDELIVER, { input: { deliveryId } });

/**
 * Create a user and return the link that signs it in.
 *
 * @param {string} name
 * @param {Api.OrganizationRole} role
 */
export const createMember = async (name, role) =>
  (await execute(CREATE_MEMBER, { input: { organizationId: organization().id, name, role } })).createMember.signInUrl;

/**
 * @param {string} userId
 * @param {Api.OrganizationRole} role
 */
export const grantRole = (userId, role) => execute(GRANT, { input: { organizationId: organization().id, userId, role } });

/** @param {string} userId */
export const removeMember = (userId) => execute(REMOVE, { input: { organizationId: organization().id, userId } });

/** @param {string} userId */
export const disableUser = (userId) => execute(DISABLE_USER, { input: { userId } });

/** @param {string} id */
export const revokeShare = (id) => execute(REVOKE_SHARE, { input: { id } });
