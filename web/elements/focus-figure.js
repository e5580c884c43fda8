/** A large figure that moves slowly with the music: turned by its tempo, shaped by its energy, coloured by its key. */

const LINES = 7;
const POINTS = 180;
const FRAME_MS = 33;
/** Share of the way to a new hue or level in each frame. */
const EASE = 0.02;
const TONICS = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Return the hue of a key in degrees: neighbours on the circle of fifths have similar hues, relative keys the same.
 *
 * @param {string} key such as "F# minor"
 */
export function hueOf(key) {
  const [tonic, mode] = key.split(" ");
  const pitch = TONICS[/** @type {keyof typeof TONICS} */ (tonic[0])] + (tonic[1] === "#" ? 1 : tonic[1] === "b" ? -1 : 0);
  return (((pitch + (mode === "minor" ? 3 : 0)) * 7) % 12) * 30 + 285;
}

/**
 * Create the figure. It stands still while nothing plays and where motion is reduced.
 *
 * @param {() => { tempoBpm: number, hue: number, energy: number, level: number, isPlaying: boolean }} read `energy` and
 *   `level` from 0 to 1
 * @param {AbortSignal} signal
 */
export function focusFigure(read, signal) {
  const canvas = document.createElement("canvas");
  canvas.className = "figure";
  canvas.setAttribute("aria-hidden", "true");
  let { hue, energy } = read();
  let level = 0;
  let beats = 0;
  let shownAt = 0;
  let shown = "";

  const draw = (/** @type {number} */ now) => {
    if (signal.aborted) return;
    requestAnimationFrame(draw);
    const elapsed = now - shownAt;
    if (elapsed < FRAME_MS) return;
    shownAt = now;
    const music = read();
    const ease = reduced.matches ? 1 : EASE;
    hue += (((music.hue - hue + 540) % 360) - 180) * ease;
    energy += (music.energy - energy) * ease;
    level += ((reduced.matches ? 0 : music.level) - level) * 4 * EASE;
    if (music.isPlaying && !reduced.matches) beats += (Math.min(elapsed, 100) / 60_000) * music.tempoBpm;
    const { color } = getComputedStyle(canvas);
    const state = [canvas.clientWidth, color, ...[hue, energy, level, beats].map((value) => value.toFixed(3))].join();
    // nothing is drawn while it stands still
    if (state !== shown) paint(canvas, hue, energy, level, beats, color);
    shown = state;
  };
  requestAnimationFrame(draw);
  return canvas;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} hue
 * @param {number} energy
 * @param {number} level
 * @param {number} beats
 * @param {string} color white on a dark page
 */
function paint(canvas, hue, energy, level, beats, color) {
  const size = canvas.clientWidth * devicePixelRatio;
  const context = canvas.getContext("2d");
  if (!size || !context) return;
  if (canvas.width !== size) canvas.width = canvas.height = size;
  context.clearRect(0, 0, size, size);
  context.translate(size / 2, size / 2);
  const isDark = color === "rgb(255, 255, 255)";
  const breath = 1 + 0.025 * Math.sin((beats / 8) * Math.PI);
  const swing = 0.05 + 0.08 * energy + 0.12 * level;
  for (let line = LINES; line > 0; line -= 1) {
    const depth = line / LINES;
    const turn = (beats / 64) * 2 * Math.PI * (1 + 0.25 * (LINES - line));
    context.beginPath();
    for (let point = 0; point <= POINTS; point += 1) {
      const angle = (point / POINTS) * 2 * Math.PI;
      const wave = Math.sin(3 * angle + turn + line) + 0.5 * Math.sin(5 * angle - 1.3 * turn + 2 * line);
      const radius = size * 0.4 * depth * breath * (1 + swing * wave * 0.6);
      context.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
    }
    const lightness = isDark ? 0.3 + 0.4 * (1 - depth) : 0.93 - 0.33 * (1 - depth);
    context.fillStyle = `oklch(${lightness} ${0.05 + 0.09 * (1 - depth)} ${hue + 50 * (1 - depth)} / 0.55)`;
    context.fill();
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
}
