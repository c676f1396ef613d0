// Pictures of people.

import { urls } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** A picture by number; empty where a better one has come in its place meanwhile. */
export const cropImage = (id, alt = "", properties = {}) =>
  h("img", { src: urls.crop(id), alt, loading: "lazy", decoding: "async", onerror: (event) => { event.target.style.visibility = "hidden"; }, ...properties });

/** A person's best picture, or a sign in its place. */
export const portrait = (crop, alt = "") => h("div", { class: "portrait" }, crop ? cropImage(crop.id, alt) : icon("people"));
