// One event as a line, with the figures that decided it.

import { h } from "./dom.js";
import { clock, when } from "./format.js";
import { personTag } from "./palette.js";

/** Kinds of events: what they are called, and the colour of their mark. */
export const EVENT_KINDS = {
  appeared: { text: "Appeared", kind: "good" },
  handed_over: { text: "Changed camera", kind: "busy-still" },
  left: { text: "Left", kind: "" },
  joined: { text: "Linked", kind: "busy-still" },
  merged: { text: "Merged", kind: "warn" },
  split: { text: "Split", kind: "warn" },
  relabelled: { text: "Relabelled", kind: "warn" },
  static: { text: "Not a person", kind: "" },
};

/** A line of the list of events. */
export function eventRow(event, { withPerson = true } = {}) {
  const { text, kind } = EVENT_KINDS[event.kind] ?? { text: event.kind, kind: "" };
  return h("li", { class: withPerson ? "event" : "event nameless" },
    h("time", { class: "faint event-time", datetime: new Date(event.unix_s * 1000).toISOString(), title: `Job ${event.job_id}, ${clock(event.time_s)} into it` }, when(event.unix_s)),
    h("span", { class: `badge ${kind}` }, text),
    withPerson && h("span", { class: "row event-who" }, personTag(event.person_id), event.other_id && [h("span", { class: "faint" }, "was"), personTag(event.other_id)]),
    h("span", { class: "event-where soft" }, event.camera ?? ""),
    h("span", { class: "event-why" }, event.kind === "left" ? "" : event.reason, event.evidence && evidence(event.evidence)));
}

/** Likeness against what was needed; the figures are in the reason. */
function evidence({ similarity, threshold }) {
  if (similarity === null || similarity === undefined) return null;
  return h("meter", { min: 0, max: 1, low: threshold, high: threshold, optimum: 1, value: Math.min(1, Math.max(0, similarity)), title: `likeness ${similarity.toFixed(2)}, ${threshold.toFixed(2)} needed`, "aria-label": "Likeness" });
}
