// What can be done to a job in its state, as buttons.

import { api } from "./api.js";
import { attempt, confirmed, toast } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

export const isOver = ({ status }) => ["done", "stopped", "failed", "interrupted"].includes(status);

/**
 * Watch, pause or resume, stop, delete: those that the job's state allows.
 *
 * @param {{job_id: string, status: string, stop_requested: boolean}} job
 * @param {() => void} changed called when the server did it
 * @param {{small?: boolean, watch?: boolean, deleted?: () => void}} [options] `watch`: with a link to the live pictures
 */
export function jobActions(job, changed, { small = false, watch = true, deleted = changed } = {}) {
  const kind = small ? "small" : "";
  const button = (text, sign, act, extra = "") =>
    h("button", { class: `button ${kind} ${extra}`, type: "button", disabled: job.stop_requested, onclick: act }, icon(sign, "icon-small"), text);
  const ask = (act) => async () => {
    await attempt(() => act(job.job_id));
    changed();
  };
  if (isOver(job)) {
    return [h("button", {
      class: `button ${kind} plain only`, type: "button", "aria-label": `Delete job ${job.job_id}`, title: "Delete",
      onclick: () => askToDelete(job, deleted),
    }, icon("trash"))];
  }
  const buttons = [];
  if (watch && job.status !== "queued") buttons.push(h("a", { class: `button ${kind}`, href: `#/live/${job.job_id}` }, icon("live", "icon-small"), "Watch"));
  if (job.status === "processing") buttons.push(button("Pause", "pause", ask(api.pause)));
  if (job.status === "paused") buttons.push(button("Resume", "play", ask(api.resume)));
  buttons.push(button(job.status === "queued" ? "Cancel" : "Stop", "stop", ask(api.stop)));
  return buttons;
}

function askToDelete(job, deleted) {
  const files = h("input", { type: "checkbox" });
  confirmed({
    title: `Delete job ${job.job_id}?`,
    text: "It is taken off the list, and its sightings and events are removed. People it saw stay known by their looks.",
    more: [h("label", { class: "check" }, files, h("span", {}, "Also delete what it wrote: records, crops and the annotated video"))],
    label: "Delete",
    act: async () => {
      await api.remove(job.job_id, files.checked);
      toast(`Job ${job.job_id} is deleted.`);
      deleted();
    },
  });
}
