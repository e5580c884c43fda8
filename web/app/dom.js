/** Build DOM nodes. */

/**
 * Create an element. Properties that start with "on" are event listeners, `class` and attributes with a hyphen are set as
 * attributes, null and undefined are left out, everything else is set as a property. Children may be nested arrays.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key in element && !key.includes("-") && key !== "list" && key !== "form") Reflect.set(element, key, value);
    else element.setAttribute(key === "className" ? "class" : key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Element | DocumentFragment} parent
 * @param {Child} children
 */
function append(parent, children) {
  if (Array.isArray(children)) for (const child of children) append(parent, child);
  else if (children !== null && children !== undefined && children !== false) parent.append(children instanceof Node ? children : String(children));
}

/**
 * Create an icon of the sprite in icons.js, hidden from assistive technology.
 *
 * @param {string} path an SVG path in a 24-pixel square
 */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(svg.namespaceURI, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/**
 * Replace the children of an element.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function render(element, ...children) {
  element.replaceChildren();
  append(element, children);
}
