/** The page of a share link: players in the look of the studio, one after the other, and the button to save. */

import { execute, gql } from "./api/graphql.js";
import "./app/appearance.js";
import { h, icon, render } from "./app/dom.js";
import { icons } from "./app/icons.js";
import { pagePath } from "./app/location.js";
import { showState, takeKeys } from "./app/media-keys.js";
import { recall, remember, RETURN, SAVE as SAVED_LINK } from "./app/storage.js";

/** @type {Operation<"SharedViewer">} */
const VIEWER = gql`
  query SharedViewer {
    viewer { id }
  }
`;

/** @type {Operation<"SaveShared">} */
const SAVE = gql`
  mutation SaveShared($input: SaveSharedTrackInput!) {
    saveSharedTrack(input: $input) {
      __typename
      ... on SaveSharedTrackPayload { entry { track { id } } }
      ... on Error { code message }
    }
  }
`;

/** @param {number} seconds */
const duration = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

const page = /** @type {HTMLElement} */ (document.querySelector(".shared"));
const players = [...page.querySelectorAll(".shared-player")].map((element, place) => setUp(/** @type {HTMLElement} */ (element), place));

/**
 * Replace the controls of the browser.
 *
 * @param {HTMLElement} element
 * @param {number} place
 */
function setUp(element, place) {
  const audio = /** @type {HTMLAudioElement} */ (element.querySelector("audio"));
  const { title = "", maker = "", seconds = "0", pause = "", position = "" } = element.dataset;
  const play = audio.ariaLabel ?? "";
  const button = h("button", { class: "icon-button filled", type: "button" });
  const time = h("span", { class: "quiet number" });
  const slider = h("input", { type: "range", min: "0", max: seconds, step: "0.1", value: "0", "aria-label": position });
  const wave = element.querySelector(".wave");
  const played = /** @type {SVGElement | undefined} */ (wave?.firstElementChild?.cloneNode(true));
  played?.classList.add("played");

  const move = () => {
    const total = Number(seconds) || audio.duration || 0;
    slider.value = String(audio.currentTime);
    slider.ariaValueText = duration(audio.currentTime);
    played?.style.setProperty("clip-path", `inset(0 ${100 - (100 * audio.currentTime) / (total || 1)}% 0 0)`);
    time.textContent = `${duration(audio.currentTime)} / ${duration(total)}`;
  };
  const show = () => {
    render(button, icon(audio.paused ? icons.play : icons.pause));
    button.ariaLabel = audio.paused ? play : pause;
    showState(audio, !audio.paused);
  };
  const start = () => {
    for (const other of players) if (other.audio !== audio) other.audio.pause();
    const cover = element.closest("li, .shared")?.querySelector("img")?.src;
    const keys = {
      play: start,
      pause: () => audio.pause(),
      previoustrack: players[place - 1]?.start,
      nexttrack: players[place + 1]?.start,
    };
    takeKeys(audio, { title, artist: maker, artwork: cover ? [{ src: cover }] : [] }, keys);
    audio.play().catch(() => {}); // another one was started meanwhile
  };
  button.addEventListener("click", () => (audio.paused ? start() : audio.pause()));
  slider.addEventListener("input", () => {
    audio.currentTime = Number(slider.value);
    move();
  });
  audio.addEventListener("timeupdate", move);
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, show);
  audio.addEventListener("ended", () => players[place + 1]?.start());
  audio.controls = false;
  if (wave && played) wave.append(played, slider);
  else element.append(slider);
  element.prepend(button);
  element.append(time);
  element.dataset.ready = "";
  move();
  show();
  return { audio, start };
}

/** Return to this page after signing in, and save the track then. */
function returnAfterSignIn() {
  remember(RETURN, location.pathname, true);
  remember(SAVED_LINK, page.dataset.token ?? null, true);
}

/** Replace the invitation to sign in by the buttons that save, for people who are signed in. */
async function offerToSave() {
  const { token = "", save = "", saved = "" } = page.dataset;
  page.querySelector(".save a")?.addEventListener("click", returnAfterSignIn);
  if (!(await execute(VIEWER).catch(() => null))) return;
  const isReturn = recall(SAVED_LINK, true) === token;
  remember(SAVED_LINK, null, true);
  for (const place of page.querySelectorAll(".save")) {
    const trackId = /** @type {HTMLElement} */ (place).dataset.track;
    const status = h("span", { class: "quiet", role: "status" });
    const button = h("button", { class: "button", type: "button" }, icon(icons.library), save);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const { entry } = (await execute(SAVE, { input: { token, trackId } })).saveSharedTrack;
        const link = h("a", { class: "button", href: `${pagePath}/track/${entry.track?.id}` }, icon(icons.check), saved);
        render(place, link);
        link.focus();
      } catch (error) {
        status.textContent = /** @type {Error} */ (error).message;
        button.disabled = false;
      }
    });
    render(place, ...(trackId ? [button, status] : []));
  }
  const buttons = page.querySelectorAll(".save button");
  // of a collection, the person has to choose
  if (isReturn && buttons.length === 1) /** @type {HTMLElement} */ (buttons[0]).click();
}

void offerToSave();
