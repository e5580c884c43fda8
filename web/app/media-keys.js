/** The media keys and the media notice of the operating system. They belong to what was started last. */

const session = "mediaSession" in navigator ? navigator.mediaSession : null;

const ACTIONS = /** @type {const} */ (["play", "pause", "previoustrack", "nexttrack", "seekbackward", "seekforward", "seekto"]);

/** @type {object | null} */
let holder = null;

/**
 * Take the keys. Actions without a handler are turned off.
 *
 * @param {object} owner
 * @param {MediaMetadataInit} about
 * @param {Partial<Record<MediaSessionAction, MediaSessionActionHandler>>} handlers
 */
export function takeKeys(owner, about, handlers) {
  if (!session) return;
  holder = owner;
  session.metadata = new MediaMetadata(about);
  for (const action of ACTIONS) {
    try {
      session.setActionHandler(action, handlers[action] ?? null);
    } catch {
      // this browser does not have the action
    }
  }
}

/**
 * Show whether something plays, and where; ignored for others than the owner of the keys.
 *
 * @param {object} owner
 * @param {boolean} isPlaying
 * @param {MediaPositionState} [position]
 */
export function showState(owner, isPlaying, position) {
  if (!session || owner !== holder) return;
  session.playbackState = isPlaying ? "playing" : "paused";
  session.setPositionState?.(position);
}

/** @param {object} owner */
export function releaseKeys(owner) {
  if (!session || owner !== holder) return;
  takeKeys(owner, {}, {});
  holder = session.metadata = null;
  session.playbackState = "none";
  session.setPositionState?.();
}
