// Events: what happened, the newest on top, as it happens.

import { api, urls } from "../lib/api.js";
import { h, put } from "../lib/dom.js";
import { attempt } from "../lib/dialogs.js";
import { EVENT_KINDS, eventRow } from "../lib/event_row.js";
import { card, emptyState, errorState, pageHead, select } from "../lib/parts.js";
import { icon } from "../lib/icons.js";

export const title = "Events";

const MOST_ROWS = 400;
const FIRST = 200;
const AGAIN_MS = 3000;
const USUAL = ["appeared", "handed_over", "left", "merged", "split"];

export async function mount(root, { signal, query }) {
  const asked = { job_id: query.get("job") ?? "", kinds: new Set(USUAL), held: false };
  const list = h("ol", { class: "event-list", "aria-label": "Events, the newest first" });
  const box = h("div", { class: "card" }, list);
  const state = h("span", { class: "badge", role: "status" }, "connecting");
  const hold = h("button", { class: "button", type: "button", "aria-pressed": "false", onclick: holdOrGo }, icon("pause", "icon-small"), "Hold");
  const kinds = h("div", { class: "row", role: "group", "aria-label": "Kinds of events" }, Object.entries(EVENT_KINDS).map(([kind, { text }]) =>
    h("button", { class: "button small", type: "button", "aria-pressed": String(asked.kinds.has(kind)), onclick: (event) => toggle(kind, event.currentTarget) }, text)));
  let leave = new AbortController();
  let waiting = [];
  signal.addEventListener("abort", () => leave.abort());
  const jobs = (await attempt(() => api.jobs(signal))) ?? [];
  put(root, pageHead("Events", state, select([["", "All jobs"], ...jobs.map((job) => [job.job_id, `Job ${job.job_id}`])], asked.job_id, (value) => {
    asked.job_id = value;
    begin();
  }, { "aria-label": "Job" }), hold), kinds, box);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) begin(); else leave.abort(); }, { signal });
  await begin();

  function toggle(kind, button) {
    if (!asked.kinds.delete(kind)) asked.kinds.add(kind);
    button.setAttribute("aria-pressed", String(asked.kinds.has(kind)));
    begin();
  }

  function holdOrGo() {
    asked.held = !asked.held;
    hold.setAttribute("aria-pressed", String(asked.held));
    if (!asked.held) {
      show(waiting);
      waiting = [];
    }
  }

  async function begin() {
    leave.abort();
    leave = new AbortController();
    const mine = leave.signal;
    const questions = { job_id: asked.job_id, kinds: [...asked.kinds] };
    waiting = [];
    if (!asked.kinds.size) {
      put(box, emptyState("events", "No kind of event is chosen", "Choose some above."));
      return;
    }
    try {
      const { events, next } = await api.events({ ...questions, tail: true, limit: FIRST }, mine);
      put(list);
      put(box, events.length ? list : emptyState("events", "Nothing happened yet", "Events appear here while a job runs: people who appear, go from camera to camera, and leave."));
      show(events);
      follow({ ...questions, after: next }, mine);
    } catch (error) {
      if (mine.aborted) return;
      say("connecting", "warn");
      put(box, errorState(error, begin));
      beginSoon(mine);
    }
  }

  function beginSoon(mine) {
    const timer = setTimeout(begin, AGAIN_MS);
    mine.addEventListener("abort", () => clearTimeout(timer));
  }

  function follow(questions, mine) {
    const stream = new EventSource(urls.stream(questions));
    mine.addEventListener("abort", () => stream.close());
    stream.addEventListener("open", () => say("live", "good live"));
    stream.addEventListener("error", () => {
      if (mine.aborted) return;
      say("connecting", "warn");
      // Refused, e.g. for want of the token since the server began anew: the browser does not try again by itself.
      if (stream.readyState === EventSource.CLOSED) beginSoon(mine);
    });
    const take = (message) => {
      const event = JSON.parse(message.data);
      if (!asked.held) show([event]);
      else if (waiting.push(event) > MOST_ROWS) waiting.shift();
    };
    for (const kind of questions.kinds) stream.addEventListener(kind, take);
    stream.addEventListener("ended", (message) => {
      stream.close(); // or it would be opened again and again
      say(`the job is ${JSON.parse(message.data).status}`, "");
    });
  }

  function say(text, kind) {
    state.className = `badge ${kind}`;
    put(state, text);
  }

  /** Put events on top, oldest of them first. */
  function show(events) {
    if (events.length && !list.isConnected) put(box, list);
    for (const event of events) list.prepend(eventRow(event));
    while (list.children.length > MOST_ROWS) list.lastChild.remove();
  }
}
