// Parts of pages: states, figures, what to show when there is nothing.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const JOB_KINDS = {
  queued: "", processing: "busy", paused: "warn", done: "good", stopped: "", failed: "bad", interrupted: "warn",
};
const JOB_WORDS = { processing: "running" };
const CAMERA_KINDS = {
  waiting: "", connecting: "busy", reading: "good", live: "good live", stalled: "warn", reconnecting: "warn", ended: "bare", failed: "bad",
};

/** The state of a job, e.g. `running`. */
export const jobBadge = (status, stopping = false) =>
  h("span", { class: `badge ${JOB_KINDS[status] ?? ""}` },
    stopping && ["processing", "paused"].includes(status) ? "stopping" : JOB_WORDS[status] ?? status);

/** The state of a camera, e.g. `live`. */
export const cameraBadge = (state) => h("span", { class: `badge ${CAMERA_KINDS[state] ?? ""}` }, state);

/** A row of figures with their names. */
export const figures = (items) =>
  h("dl", { class: "figures" }, items.filter(Boolean).map(([name, value, unit]) =>
    h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value, unit && h("small", {}, unit)))));

/** Nothing to show, why, and what to do about it. */
export const emptyState = (sign, title, text, ...actions) =>
  h("div", { class: "empty" }, h("div", { class: "sign" }, icon(sign)), h("h2", {}, title), h("p", {}, text),
    actions.length > 0 && h("div", { class: "row" }, ...actions));

/** Something that could not be shown, and a way to try again. */
export const errorState = (error, again) =>
  h("div", { class: "empty", role: "alert" }, h("div", { class: "sign" }, icon("warn")),
    h("h2", {}, error.status === 404 ? "There is no such thing" : "That did not work"),
    h("p", {}, error.message), error.code && h("code", { class: "faint" }, error.code),
    again && h("div", { class: "row" }, h("button", { class: "button", type: "button", onclick: again }, "Try again")));

const NOTE_SIGNS = { bad: "warn", warn: "warn", good: "check" };

/** A line set apart: information, a warning, an error. */
export const note = (text, kind = "") =>
  h("div", { class: `note ${kind}`, role: kind === "bad" ? "alert" : null }, icon(NOTE_SIGNS[kind] ?? "info"), h("span", { class: "grow" }, coded(text)));

/** Text in which `this` is code; anything else as it is. */
const coded = (text) => (typeof text === "string" ? text.split("`").map((part, index) => (index % 2 ? h("code", {}, part) : part)) : text);

/** A title with what belongs beside it; the title takes the focus when the page is opened. */
export const pageHead = (title, sub, ...end) =>
  h("div", { class: "head" }, h("h1", { tabindex: "-1" }, title), sub && h("span", { class: "sub" }, sub), h("div", { class: "end" }, ...end));

/** A card with a title. */
export const card = (title, body, { end = [], flush = false } = {}) =>
  h("section", { class: "card" },
    title && h("div", { class: "card-head" }, h("h2", {}, title), end.length > 0 && h("div", { class: "end" }, ...end)),
    h("div", { class: `card-body ${flush ? "flush" : ""}` }, body));

/** A field with its label and help; `control` gets the id the label points to. */
let serial = 0;
export function field(label, control, help = null) {
  control.id ||= `field-${++serial}`;
  if (help) control.setAttribute("aria-describedby", `${control.id}-help`);
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control,
    help && h("span", { class: "help", id: `${control.id}-help` }, help));
}

/** One of a few, as buttons side by side. */
export function segments(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) =>
    h("button", { type: "button", "aria-pressed": String(value === chosen), onclick: () => {
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(options[index][0] === value)));
      choose(value);
    } }, text));
  return h("div", { class: "segments", role: "group", "aria-label": label }, buttons);
}

/** A drop-down list; options are `[value, text]`. */
export function select(options, chosen, choose, properties = {}) {
  return h("select", { class: "input", ...properties, onchange: (event) => choose(event.target.value) },
    options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}
