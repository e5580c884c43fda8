export * from "./client.js";
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionFailedError,
  ExportFailedError,
  ForbiddenError,
  GenerationEndedError,
  InvalidInputError,
  NotFoundError,
  SpendCapError,
  StudioError,
  TemporaryError,
  type Problem,
} from "./errors.js";
export type * from "./models.js";
export type {
  CreateGenerationInput,
  DownloadFormat,
  ExplainPromptInput,
  FocusGoal,
  FocusIntensity,
  GenerationStatus,
  LibraryFilter,
  LibrarySort,
  LicenceClass,
  SortDirection,
  StartFocusSessionInput,
  SteerFocusSessionInput,
  UsageWindow,
  WebhookEvent,
} from "./operations.js";
