/** Takes the page's hue from the colours of a cover. */

/** Chroma below which a colour is grey. */
const MIN_CHROMA = 0.03;

/**
 * Set the hue of an element to that of the most colourful of these colours.
 *
 * @param {HTMLElement} element
 * @param {string[] | undefined} palette colours such as "#26215c"
 */
export function setHue(element, palette) {
  const hues = (palette ?? []).map(toHue).sort((a, b) => b.chroma - a.chroma);
  const hue = hues.length && hues[0].chroma > MIN_CHROMA ? hues[0].hue.toFixed(0) : "";
  element.style.setProperty("--hue", hue);
  element.toggleAttribute("data-hue", hue !== "");
}

/**
 * Convert a colour from sRGB to hue and chroma in Oklab (Björn Ottosson, 2020).
 *
 * @param {string} colour
 */
function toHue(colour) {
  const [r, g, b] = [1, 3, 5].map((start) => linear(parseInt(colour.slice(start, start + 2), 16) / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const c = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return { hue: ((Math.atan2(c, a) * 180) / Math.PI + 360) % 360, chroma: Math.hypot(a, c) };
}

/** @param {number} value */
const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
