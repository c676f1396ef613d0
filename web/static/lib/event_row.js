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
    h("span", { class: "event-why" }, event.reason, event.evidence && evidence(event.evidence)));
}

/** Likeness against what was needed, and whom else it could have been. */
function evidence({ similarity, threshold, position, rivals = [] }) {
  if (similarity === null || similarity === undefined) return null;
  const rival = rivals[0];
  const lines = [`likeness ${similarity.toFixed(2)} of ${threshold.toFixed(2)} needed`];
  if (position) lines.push(`position ${position > 0 ? "+" : ""}${position.toFixed(2)}`);
  if (rival) lines.push(`next best ${rival.id ?? "nobody"}: ${rival.barred ?? (rival.similarity === null ? "unlike" : rival.similarity.toFixed(2))}`);
  return h("span", { class: "evidence" },
    h("meter", { min: 0, max: 1, low: threshold, high: threshold, optimum: 1, value: Math.min(1, Math.max(0, similarity)), "aria-label": "Likeness" }),
    h("small", { class: "faint" }, lines.join(" · ")));
}
