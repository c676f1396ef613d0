// The colours of people, the same as in the video: `sinks/palette.py` in the browser's language.

import { h } from "./dom.js";

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const FIRST_HUE = 3.6;
const LIGHTNESS = [0.6, 0.7, 0.8];
const MOST_CHROMA = 0.26;
const UNKNOWN = [160, 164, 168];
const known = new Map();

/** Red, green and blue in [0, 255] of a person; grey for nobody. */
export function rgbOf(id) {
  if (!(id > 0)) return UNKNOWN;
  if (!known.has(id)) known.set(id, mixed(id));
  return known.get(id);
}

/** The same for CSS. */
export const colourOf = (id) => `rgb(${rgbOf(id).join(" ")})`;

/** Black or white, whichever reads better on a person's colour. */
export function inkOn(id) {
  const [red, green, blue] = rgbOf(id).map(linear);
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 ? "#fff" : "#000";
}

const plate = (element, id, name, properties = {}) =>
  h(element, { class: "person-tag", style: { background: colourOf(id), color: inkOn(id) }, ...properties }, name ?? id);

/** A plate with a person's number, or name; grey words for nobody. */
export const personPlate = (id, name = null) =>
  id ? plate("span", id, name) : h("span", { class: "person-tag faint" }, "nobody");

/** The same, leading to the person. */
export const personTag = (id, name = null) =>
  id ? plate("a", id, name, { href: `#/people/${id}`, "aria-label": `Person ${name ?? id}` }) : personPlate(null);

function mixed(id) {
  const hue = FIRST_HUE + (id - 1) * GOLDEN_ANGLE;
  const lightness = LIGHTNESS[(id - 1) % LIGHTNESS.length];
  let chroma = MOST_CHROMA;
  let rgb = fromOklch(lightness, chroma, hue);
  while (Math.min(...rgb) < 0 || Math.max(...rgb) > 1) {
    chroma -= 0.005;
    rgb = fromOklch(lightness, chroma, hue);
  }
  return rgb.map(encoded);
}

function fromOklch(lightness, chroma, hue) {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
  ];
}

const encoded = (value) => Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));

function linear(byte) {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
