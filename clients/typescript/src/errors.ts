import type { GenerationStatus, UsageWindow } from "./operations.js";

/** Any error of this client. Its message is a complete sentence. */
export class StudioError extends Error {
  override name = this.constructor.name;
}

/** The server cannot be reached, or the connection was lost. */
export class ConnectionFailedError extends StudioError {}

/** A generation ended without a track: it failed, was refused or cancelled. */
export class GenerationEndedError extends StudioError {
  constructor(
    message: string,
    readonly generationId: string,
    readonly status: GenerationStatus,
  ) {
    super(message);
  }
}

/** The server could not make an archive. */
export class ExportFailedError extends StudioError {}

/** The server rejected the request. `code` is the server's error code, such as "CONFLICT". */
export class ApiError extends StudioError {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** The API key is missing, invalid, expired or revoked. */
export class AuthenticationError extends ApiError {}

/** The object does not exist, or you may not read it. */
export class NotFoundError extends ApiError {}

/** Your role does not allow this. */
export class ForbiddenError extends ApiError {}

/** The request conflicts with the current state, such as a reused idempotency key. */
export class ConflictError extends ApiError {}

/** What is wrong with one field of the input; `path` leads to the field, such as ["durationSeconds"]. */
export type Problem = { path: string[]; message: string };

/** Fields of the input are invalid; `problems` names all of them. */
export class InvalidInputError extends ApiError {
  constructor(
    message: string,
    code: string,
    readonly problems: Problem[] = [],
  ) {
    super(problems.map((problem) => `${problem.path.join(".")}: ${problem.message}`).join("; ") || message, code);
  }
}

/** The spend cap of the organization is reached. Amounts are decimal numbers in CHF. */
export class SpendCapError extends ApiError {
  constructor(
    message: string,
    code: string,
    readonly window: UsageWindow,
    readonly limitChf: string,
    readonly spentChf: string,
    readonly resetsAt: Date,
  ) {
    super(message, code);
  }
}

/** The rate limit is exceeded, or a service of the server is unavailable. Repeat after `retryAfterSeconds`. */
export class TemporaryError extends ApiError {
  constructor(
    message: string,
    code: string,
    readonly retryAfterSeconds = 1,
  ) {
    super(message, code);
  }
}

const BY_CODE: Record<string, new (message: string, code: string) => ApiError> = {
  RESOURCE_NOT_FOUND: NotFoundError,
  OPERATION_NOT_ALLOWED: ForbiddenError,
  ORGANIZATION_ACCESS_DENIED: ForbiddenError,
  CONFLICT: ConflictError,
  AUTHENTICATION_REQUIRED: AuthenticationError,
  INVALID_API_KEY: AuthenticationError,
  API_KEY_EXPIRED: AuthenticationError,
  API_KEY_DEACTIVATED: AuthenticationError,
  TOKEN_EXPIRED: AuthenticationError,
  TOKEN_INVALID: AuthenticationError,
  VALIDATION_ERROR: InvalidInputError,
};

/** The fields that errors of mutations have, besides those of every error. */
export type ErrorFields = {
  code: string;
  message: string;
  problems?: Problem[];
  window?: UsageWindow;
  limitChf?: string;
  spentChf?: string;
  resetsAt?: string;
  retryAfterSeconds?: number;
};

const TEMPORARY = new Set(["RATE_LIMIT_EXCEEDED", "SERVICE_UNAVAILABLE"]);

/** Return the error for the fields that the server sent. */
export function errorOf(fields: ErrorFields): ApiError {
  const { code, message, problems, window, limitChf, spentChf, resetsAt, retryAfterSeconds } = fields;
  if (problems) return new InvalidInputError(message, code, problems);
  if (window && limitChf && spentChf && resetsAt) {
    return new SpendCapError(message, code, window, limitChf, spentChf, new Date(resetsAt));
  }
  if (TEMPORARY.has(code)) return new TemporaryError(message, code, retryAfterSeconds);
  return new (BY_CODE[code] ?? ApiError)(message, code);
}

/** An error response of the REST interface. */
export type RestError = { code: string; message: string; details?: { errors?: { field: string; message: string }[] } };

/** Return the error for an error response of the REST interface; its problems have the names of the GraphQL schema. */
export function errorOfRest({ code, message, details }: RestError, retryAfterSeconds: number): ApiError {
  const problems = details?.errors?.map((problem) => ({
    path: problem.field.split(".").map((name) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())),
    message: problem.message,
  }));
  return errorOf({ code, message, retryAfterSeconds, ...(problems && { problems }) });
}

/** Return the result of a mutation if it is a payload, else throw its error. */
export function payloadOf<Result extends object>(result: Result): Exclude<Result, { code: unknown }> {
  if ("code" in result) throw errorOf(result as unknown as ErrorFields);
  return result as Exclude<Result, { code: unknown }>;
}
