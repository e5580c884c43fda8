/** The player: one audio element, its queue of tracks, and the keys of the operating system. */

import { loadTracks } from "../api/library.js";
import { loadPlayback } from "../api/tracks.js";
import { Store } from "./events.js";
import { releaseKeys, showState, takeKeys } from "./media-keys.js";
import { describe as explain, toast } from "./messages.js";
import { enqueue as add, neighbour, queue, replaceQueue } from "./play-queue.js";
import { organization, viewer } from "./session.js";
import { recall, remember } from "./storage.js";
import { number, t } from "./texts.js";

/** How long a signed URL is used before another one is requested, in milliseconds. */
const URL_LIFETIME_MS = 10 * 60_000;
/** Errors that follow sooner than this are not cured by another URL. */
const MIN_RETRY_MS = 5_000;
/** After these seconds "previous" starts the track again. */
const RESTART_SECONDS = 3;
/** How far the keys of the operating system seek. */
const SEEK_SECONDS = 10;
/** Where the volume is remembered. */
const VOLUME = "volume";
/** Where the queue of the tab is remembered. */
const QUEUE = "queue";
/** How many tracks of the queue are loaded at once after the page was loaded again. */
const BATCH = 100;

const audio = new Audio();
audio.preload = "auto";
audio.volume = Number(recall(VOLUME) ?? 1);

/** The track that plays or is paused. */
export const current = new Store(/** @type {Api.Playable | null} */ (null));

/** Whether the player plays, its position in seconds, whether it is muted, and its volume from 0 to 1. */
export const playback = new Store({ isPlaying: false, seconds: 0, duration: 0, isMuted: false, volume: audio.volume });

let loadedAt = 0;
let requests = 0;

/**
 * Play a track, and the others of its list after it. A track that was paused goes on; errors are told in a notice.
 *
 * @param {string} id
 * @param {string[]} [list]
 * @param {number} [seconds] where to start
 */
export async function play(id, list = [id], seconds) {
  if (list !== queue.value) replaceQueue(list.includes(id) ? list : [id]);
  const request = (requests += 1);
  try {
    if (current.value?.id !== id || audio.error || Date.now() - loadedAt >= URL_LIFETIME_MS) {
      const track = await loadPlayback(id);
      if (request !== requests) return;
      if (!track?.playbackUrl) {
        toast(t("track.notFound"));
        return;
      }
      show(track, seconds ?? (current.value?.id === id ? audio.currentTime : 0));
    } else if (seconds !== undefined) audio.currentTime = seconds;
    if (current.value) describe(current.value);
    await audio.play();
  } catch (error) {
    // play() is interrupted by another track, or needs a click first
    if (!(error instanceof DOMException)) toast(explain(error));
  }
}

/**
 * Load the audio of a track.
 *
 * @param {Api.Playable} track with a URL
 * @param {number} seconds where it starts
 */
function show(track, seconds) {
  loadedAt = Date.now();
  audio.src = track.playbackUrl ?? "";
  audio.currentTime = seconds;
  current.set(track);
}

let isRestored = false;

/** Return to the queue of this tab before it was loaded again, paused; then remember each change of it. */
export async function restore() {
  if (isRestored) return;
  isRestored = true;
  const { organizationId, ids, id, seconds } = JSON.parse(recall(QUEUE, true) ?? "{}");
  try {
    if (organizationId === organization().id) await restoreQueue(ids, id, seconds);
  } catch {
    // the server cannot be reached, which the screen tells
  }
  const save = () => {
    const state = { organizationId: viewer.value && organization().id, ids: queue.value, id: current.value?.id, seconds: audio.currentTime };
    remember(QUEUE, JSON.stringify(state), true);
  };
  queue.watch(save);
  current.watch(save);
  addEventListener("pagehide", save);
}

/**
 * @param {string[]} ids
 * @param {string | undefined} id of the track that was in the player
 * @param {number} seconds
 */
async function restoreQueue(ids, id, seconds) {
  const request = (requests += 1);
  /** @type {string[]} */
  const kept = [];
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    const found = await loadTracks(batch);
    kept.push(...batch.filter((_, place) => found[place]));
  }
  const first = kept.find((each) => each === id) ?? kept.find((each) => ids.indexOf(each) > ids.indexOf(id ?? ""));
  const track = first && (await loadPlayback(first));
  if (request !== requests) return; // something else was played meanwhile
  replaceQueue(kept);
  if (track && track.playbackUrl) show(track, first === id ? seconds : 0);
  const gone = ids.length - kept.length;
  if (gone) toast(t("upNext.gone", { count: number(gone) }));
}

export function toggle() {
  if (!current.value) return;
  if (!audio.paused) pause();
  else void play(current.value.id, queue.value);
}

export function pause() {
  audio.pause();
}

/** @param {1 | -1} step */
export function skip(step) {
  const id = neighbour(current.value?.id, step);
  if (step < 0 && (audio.currentTime > RESTART_SECONDS || !id)) audio.currentTime = 0;
  else if (id) void play(id, queue.value, 0);
}

/**
 * Add tracks to the queue, after the one that plays or at the end. Without one, the first of them plays.
 *
 * @param {string[]} ids
 * @param {boolean} [isNext]
 */
export function enqueue(ids, isNext) {
  add(ids, current.value?.id, isNext);
  if (!current.value && ids.length) void play(ids[0], queue.value);
}

/** @param {number} seconds */
export function seek(seconds) {
  if (current.value) audio.currentTime = Math.max(0, Math.min(seconds, audio.duration || seconds));
}

/** @param {number} volume from 0 to 1 */
export function setVolume(volume) {
  audio.volume = volume;
  audio.muted = false;
  remember(VOLUME, String(volume));
}

export function toggleMute() {
  audio.muted = !audio.muted;
}

/**
 * Show the new title of a track.
 *
 * @param {string} id
 * @param {string} title
 */
export function rename(id, title) {
  if (current.value?.id !== id) return;
  current.set({ ...current.value, title });
  describe(current.value);
}

/** Stop and forget the track, as after signing out. */
export function clear() {
  requests += 1;
  replaceQueue([]);
  current.set(null);
  audio.removeAttribute("src");
  audio.load();
  releaseKeys(audio);
  update();
}

function update() {
  const duration = Number.isFinite(audio.duration) ? audio.duration : (current.value?.measuredDurationSeconds ?? 0);
  const { currentTime: seconds, muted: isMuted, volume } = audio;
  playback.set({ isPlaying: !audio.paused, seconds, duration, isMuted, volume });
  showState(audio, !audio.paused, duration >= seconds && duration ? { duration, position: seconds } : undefined);
}

for (const event of ["play", "pause", "timeupdate", "loadedmetadata", "seeked", "ended", "volumechange", "emptied"]) {
  audio.addEventListener(event, update);
}
audio.addEventListener("ended", () => skip(1));
audio.addEventListener("error", () => {
  if (!current.value) return;
  const { id } = current.value;
  const { seconds } = playback.value;
  const again = () => current.value?.id === id && void play(id, queue.value, seconds);
  if (!navigator.onLine) addEventListener("online", again, { once: true });
  // the signed URL may have expired: request another one and go on at the same position
  else if (Date.now() - loadedAt > MIN_RETRY_MS) again();
  else toast(t("player.failed"));
});

/**
 * Tell the operating system what plays.
 *
 * @param {Api.Playable} track
 */
function describe(track) {
  const artwork = track.cover?.pngUrl ? [{ src: track.cover.pngUrl, type: "image/png" }] : [];
  takeKeys(audio, { title: track.title ?? t("track.untitled"), artist: t("app.name"), artwork }, KEYS);
}

/** @type {Partial<Record<MediaSessionAction, MediaSessionActionHandler>>} */
const KEYS = {
  play: () => current.value && void play(current.value.id, queue.value),
  pause,
  previoustrack: () => skip(-1),
  nexttrack: () => skip(1),
  seekbackward: ({ seekOffset }) => seek(audio.currentTime - (seekOffset || SEEK_SECONDS)),
  seekforward: ({ seekOffset }) => seek(audio.currentTime + (seekOffset || SEEK_SECONDS)),
  seekto: ({ seekTime }) => seek(seekTime ?? 0),
};
