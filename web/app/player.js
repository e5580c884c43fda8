/** The player: one audio element, its queue of tracks, and the keys of the operating system. */

import { execute, gql } from "../api/graphql.js";
import { Store } from "./events.js";
import { organization } from "./session.js";
import { t } from "./texts.js";

const PLAYBACK = gql`
  query Playback($organizationId: ID!, $id: ID!) {
    organization(id: $organizationId) {
      track(id: $id) {
        id
        title
        measuredDurationSeconds
        palette
        playbackUrl
        cover { svgUrl pngUrl }
        waveform(points: 800)
        sections { startMs endMs name }
      }
    }
  }
`;

/** How long a signed URL is used before another one is requested, in milliseconds. */
const URL_LIFETIME_MS = 10 * 60_000;

const audio = new Audio();
audio.preload = "auto";

/** The track that plays or is paused. */
export const current = new Store(/** @type {any} */ (null));

/** Whether the player plays, and its position in seconds. */
export const playback = new Store({ isPlaying: false, seconds: 0, duration: 0 });

/** @type {string[]} */
let queue = [];
let loadedAt = 0;

/**
 * Play a track, and the others of its list after it.
 *
 * @param {string} id
 * @param {string[]} [list]
 */
export async function play(id, list = [id]) {
  queue = list.includes(id) ? list : [id];
  if (current.value?.id === id && Date.now() - loadedAt < URL_LIFETIME_MS) {
    await audio.play();
    return;
  }
  const track = (await execute(PLAYBACK, { organizationId: organization().id, id })).organization.track;
  if (!track?.playbackUrl) return;
  loadedAt = Date.now();
  audio.src = track.playbackUrl;
  current.set(track);
  describe(track);
  await audio.play();
}

export function toggle() {
  if (!current.value) return;
  if (!audio.paused) audio.pause();
  else void play(current.value.id, queue);
}

/** @param {1 | -1} step */
export function skip(step) {
  const place = queue.indexOf(current.value?.id) + step;
  if (step < 0 && audio.currentTime > 3) audio.currentTime = 0;
  else if (queue[place]) void play(queue[place], queue);
}

/** @param {number} seconds */
export function seek(seconds) {
  audio.currentTime = Math.max(0, Math.min(seconds, audio.duration || 0));
}

/** @param {number} volume from 0 to 1 */
export function setVolume(volume) {
  audio.volume = volume;
}

export function toggleMute() {
  audio.muted = !audio.muted;
}

/** Stop and forget the track, as after signing out. */
export function clear() {
  audio.pause();
  audio.removeAttribute("src");
  queue = [];
  current.set(null);
}

function update() {
  const duration = Number.isFinite(audio.duration) ? audio.duration : (current.value?.measuredDurationSeconds ?? 0);
  playback.set({ isPlaying: !audio.paused, seconds: audio.currentTime, duration });
}

for (const event of ["play", "pause", "timeupdate", "loadedmetadata", "seeked"]) audio.addEventListener(event, update);
audio.addEventListener("ended", () => skip(1));
audio.addEventListener("error", () => {
  // the signed URL has expired: request another one and go on at the same position
  if (!current.value || Date.now() - loadedAt < URL_LIFETIME_MS) return;
  const { seconds } = playback.value;
  void play(current.value.id, queue).then(() => seek(seconds));
});

/** @param {any} track */
function describe(track) {
  if (!("mediaSession" in navigator)) return;
  const artwork = track.cover?.pngUrl ? [{ src: track.cover.pngUrl, type: "image/png" }] : [];
  navigator.mediaSession.metadata = new MediaMetadata({ title: track.title ?? t("track.untitled"), artwork });
}

if ("mediaSession" in navigator) {
  navigator.mediaSession.setActionHandler("play", toggle);
  navigator.mediaSession.setActionHandler("pause", toggle);
  navigator.mediaSession.setActionHandler("nexttrack", () => skip(1));
  navigator.mediaSession.setActionHandler("previoustrack", () => skip(-1));
}
