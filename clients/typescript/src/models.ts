/** The objects of the studio, as the methods of the client return them. */
import type {
  ExplainPromptResult,
  ExportFields,
  FocusSegmentFields,
  FocusSessionDetails,
  FocusSessionFields,
  GenerationDetails,
  GenerationFields,
  GetQuoteResult,
  GetUsageResult,
  GetViewerResult,
  CollectionFields,
  DownloadFields,
  EngineFields,
  EngineStyleFields,
  LibraryEntryFields,
  LicenceFields,
  ReferenceAudioFields,
  ShareLinkFields,
  ShareTrackResult,
  SteerFocusSessionResult,
  TrackDetails,
  TrackFields,
  UsageFields,
  WatchFocusSessionResult,
  WebhookFields,
} from "./operations.js";

type Payload<Result> = Exclude<Result, { code: unknown }>;

export type Collection = CollectionFields;
export type Download = DownloadFields;
export type Engine = EngineFields;
export type EngineStyle = EngineStyleFields;
export type Export = ExportFields;
export type FocusSegment = FocusSegmentFields;
export type FocusSession = FocusSessionFields;
export type FocusSessionState = FocusSessionDetails;
export type FocusSteering = Payload<SteerFocusSessionResult["result"]>;
export type FocusUpdate = WatchFocusSessionResult["focusSessionUpdated"];
export type Generation = GenerationFields;
export type GenerationState = GenerationDetails;
export type LibraryEntry = LibraryEntryFields;
export type Licence = LicenceFields;
export type NewShareLink = Payload<ShareTrackResult["result"]>;
export type PromptReading = NonNullable<ExplainPromptResult["explainPrompt"]>;
export type Quote = NonNullable<NonNullable<GetQuoteResult["organization"]>["quote"]>;
export type ReferenceAudio = ReferenceAudioFields;
export type ShareLink = ShareLinkFields;
export type Track = TrackDetails;
export type TrackSummary = TrackFields;
export type Usage = UsageFields;
export type UsageReport = NonNullable<GetUsageResult["organization"]>;
export type Viewer = GetViewerResult["viewer"];
export type Webhook = WebhookFields;
