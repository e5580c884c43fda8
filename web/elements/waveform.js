/** `<studio-waveform>`: peaks of a track with its sections; a click or the arrow keys seek. */

import { appearance } from "../app/appearance.js";
import { duration, t, term } from "../app/texts.js";

const STEP_SECONDS = 5;
const BAR = 3;
const GAP = 1;

export class WaveformElement extends HTMLElement {
  #canvas = document.createElement("canvas");
  /** @type {number[]} */
  #peaks = [];
  /** @type {{ startMs: number, endMs: number, name: string }[]} */
  #sections = [];
  #seconds = 0;
  #duration = 0;
  /** Seconds that the arrow keys move with Shift. */
  #bar = STEP_SECONDS;

  connectedCallback() {
    if (!this.#canvas.isConnected) this.append(this.#canvas);
    this.tabIndex = 0;
    this.setAttribute("role", "slider");
    this.setAttribute("aria-valuemin", "0");
    this.#observer.observe(this);
    appearance.addEventListener("change", this.#draw);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("keydown", this.#onKey);
    this.#describe();
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    appearance.removeEventListener("change", this.#draw);
  }

  /**
   * Show a track.
   *
   * @param {{ peaks?: number[] | null, sections?: Api.Playable["sections"], duration?: number | null, label: string, bar?: number }} track
   */
  show({ peaks, sections, duration: length, label, bar = STEP_SECONDS }) {
    this.#bar = bar;
    this.#peaks = peaks ?? [];
    this.#sections = sections ?? [];
    this.#duration = length ?? 0;
    this.setAttribute("aria-label", label);
    this.#describe();
    this.#draw();
  }

  /** @param {number} seconds */
  set seconds(seconds) {
    if (seconds === this.#seconds) return;
    const isLaterSecond = Math.floor(seconds) !== Math.floor(this.#seconds);
    this.#seconds = seconds;
    if (isLaterSecond) this.#describe();
    this.#draw();
  }

  #describe() {
    const section = this.#sections.find(({ startMs, endMs }) => startMs <= this.#seconds * 1000 && this.#seconds * 1000 < endMs);
    this.setAttribute("aria-disabled", String(this.#duration === 0));
    this.setAttribute("aria-valuemax", this.#duration.toFixed(0));
    this.setAttribute("aria-valuenow", Math.floor(this.#seconds).toFixed(0));
    const position = `${duration(this.#seconds)} / ${duration(this.#duration)}`;
    this.setAttribute("aria-valuetext", section ? `${position}, ${term("section", section.name)}` : position);
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", t("player.position"));
  }

  #draw = () => {
    const { clientWidth: width, clientHeight: height } = this;
    const context = this.#canvas.getContext("2d");
    if (!width || !height || !context) return;
    const ratio = devicePixelRatio;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    context.scale(ratio, ratio);
    const style = getComputedStyle(this);
    const [accent, quiet, line] = ["--accent", "--quiet", "--line"].map((name) => style.getPropertyValue(name));
    const labelled = height >= 80 && this.#sections.length > 0 ? 20 : 0;
    const bars = Math.floor(width / (BAR + GAP));
    const played = this.#duration ? this.#seconds / this.#duration : 0;
    for (let bar = 0; bar < bars; bar += 1) {
      const peak = this.#peaks.length ? this.#peaks[Math.floor((bar / bars) * this.#peaks.length)] : 0;
      const size = Math.max(2, peak * (height - labelled));
      context.fillStyle = bar / bars < played ? accent : quiet;
      context.globalAlpha = bar / bars < played ? 1 : 0.45;
      context.fillRect(bar * (BAR + GAP), labelled + (height - labelled - size) / 2, BAR, size);
    }
    context.globalAlpha = 1;
    if (labelled) this.#drawSections(context, width, height, quiet, line);
  };

  #observer = new ResizeObserver(this.#draw);

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   * @param {string} text
   * @param {string} line
   */
  #drawSections(context, width, height, text, line) {
    const total = this.#duration * 1000 || 1;
    context.font = `12px ${getComputedStyle(this).fontFamily}`;
    for (const { startMs, endMs, name: code } of this.#sections) {
      const name = term("section", code);
      const left = (startMs / total) * width;
      context.fillStyle = line;
      context.fillRect(left, 0, 1, height);
      context.fillStyle = text;
      if (context.measureText(name).width < ((endMs - startMs) / total) * width - 8) context.fillText(name, left + 5, 12);
    }
  }

  #onClick = (/** @type {MouseEvent} */ event) => {
    const { left, width } = this.getBoundingClientRect();
    this.#seek(((event.clientX - left) / width) * this.#duration);
  };

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? this.#bar : STEP_SECONDS;
    const { [event.key]: position } = /** @type {Record<string, number>} */ ({
      ArrowLeft: this.#seconds - step,
      ArrowDown: this.#seconds - step,
      ArrowRight: this.#seconds + step,
      ArrowUp: this.#seconds + step,
      Home: 0,
      End: this.#duration,
    });
    if (position === undefined) return;
    event.preventDefault();
    this.#seek(position);
  };

  /** @param {number} seconds */
  #seek(seconds) {
    if (!this.#duration) return;
    this.dispatchEvent(new CustomEvent("seek", { detail: Math.max(0, Math.min(seconds, this.#duration)) }));
  }
}

customElements.define("studio-waveform", WaveformElement);
