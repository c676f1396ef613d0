// Jobs: those that run, wait and are over, with what can be done to them.

import { api } from "../lib/api.js";
import { h, put, whenChanged } from "../lib/dom.js";
import { ago, clock, counted } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { jobActions, isOver } from "../lib/job_actions.js";
import { card, emptyState, errorState, jobBadge, pageHead } from "../lib/parts.js";
import { every } from "../lib/poll.js";

export const title = "Jobs";

const PERIOD_MS = 1000;
const PROGRESS_KINDS = { done: "good", failed: "bad", stopped: "quiet", paused: "quiet", interrupted: "quiet" };

export async function mount(root, { signal }) {
  const list = h("div", { class: "stack tight" }, h("div", { class: "bones" }), h("div", { class: "bones" }));
  const start = () => h("a", { class: "button primary", href: "#/jobs/new" }, icon("plus"), "Start a job");
  put(root, pageHead("Jobs", null, start()), list);
  const rows = new Map();
  const again = every(PERIOD_MS, async () => {
    const jobs = await api.jobs(signal);
    if (!jobs.length) {
      rows.clear();
      put(list, card(null, emptyState("jobs", "No job yet", "A job watches some recordings or cameras and writes down who was where.", start())));
      return;
    }
    for (const job of jobs) {
      if (!rows.has(job.job_id)) rows.set(job.job_id, jobRow(job.job_id, () => again()));
      rows.get(job.job_id).update(job);
    }
    const nodes = jobs.map((job) => rows.get(job.job_id).node);
    if (nodes.length !== list.children.length || nodes.some((node, index) => list.children[index] !== node)) put(list, nodes);
  }, signal, (error) => put(list, card(null, errorState(error, () => again()))));
}

function jobRow(jobId, changed) {
  const badge = h("span");
  const inputs = h("span", { class: "job-inputs cut" });
  const facts = h("div", { class: "job-facts faint" });
  const bar = h("progress", { max: 1, "aria-label": `Progress of job ${jobId}` });
  const error = h("p", { class: "job-error" });
  const actions = h("div", { class: "row" });
  const node = h("article", { class: "card job-row" },
    h("div", { class: "job-line" },
      h("a", { class: "job-name", href: `#/jobs/${jobId}` }, h("b", { class: "mono" }, jobId), inputs), badge, actions),
    bar, facts, error);
  const drawState = whenChanged(({ status, stop_requested: stopping, videos, message }) => {
    put(badge, jobBadge(status, stopping));
    put(inputs, namesOf(videos));
    inputs.title = videos.join("\n");
    put(error, message ?? "");
    error.hidden = !message;
    put(actions, jobActions({ job_id: jobId, status, stop_requested: stopping }, changed, { small: true }));
    bar.className = PROGRESS_KINDS[status] ?? "";
  });
  const drawFacts = whenChanged((lines) => put(facts, lines.map((line) => h("span", {}, line))));
  return {
    node,
    update: (job) => {
      drawState({ status: job.status, stop_requested: job.stop_requested, videos: job.videos, message: job.error?.message });
      drawFacts(factsOf(job));
      if (job.rounds_total === null && !isOver(job)) bar.removeAttribute("value");
      else bar.value = job.progress;
    },
  };
}

/** The inputs by their own names, behind that of the folder they share: many a place has a cam1.mp4. */
function namesOf(videos) {
  const names = videos.map((video) => video.split("/").at(-1) || video).join(" · ");
  const folders = new Set(videos.map((video) => (video.includes("://") ? "" : video.split("/").at(-2) ?? "")));
  const [shared] = folders;
  return folders.size === 1 && shared ? `${shared}/ ${names}` : names;
}

function factsOf(job) {
  const lines = [counted(Math.max(job.cameras.length, job.videos.length), "camera")];
  if (job.total_visits) lines.push(`${counted(job.total_visits, "person", "people")}`);
  if (job.status === "processing") {
    lines.push(...(job.rounds_total === null ? [] : [`${Math.round(job.progress * 100)} %`]), counted(job.rounds_done, "round"), `${job.fps.toFixed(1)} rounds/s`);
    if (job.eta_s !== null) lines.push(`${clock(job.eta_s)} left`);
  } else {
    if (job.media_time_s) lines.push(`${clock(job.media_time_s)} watched`);
    const at = job.finished_at ?? job.started_at ?? job.created_at;
    if (at) lines.push(ago(at));
  }
  return lines;
}
