// System: what the server and its jobs use and lose.

import { api } from "../lib/api.js";
import { h, put, whenChanged } from "../lib/dom.js";
import { bytes, count, lasting } from "../lib/format.js";
import { readMetrics } from "../lib/metrics.js";
import { icon } from "../lib/icons.js";
import { card, emptyState, errorState, figures, jobBadge, pageHead } from "../lib/parts.js";
import { every } from "../lib/poll.js";
import { hasToken, leave } from "../lib/session.js";
import { sparkline } from "../lib/sparkline.js";

export const title = "System";

const PERIOD_MS = 2000;
const KEPT = 150;

export async function mount(root, { signal }) {
  const numbers = h("div", { class: "card" });
  const memory = sparkline();
  const busy = sparkline();
  const jobs = h("div", { class: "stack" });
  const trouble = h("div");
  const out = hasToken() && h("button", { class: "button", type: "button", onclick: signOut }, icon("out", "icon-small"), "Sign out");
  put(root, pageHead("System", null, h("a", { class: "button", href: "metrics", target: "_blank", rel: "noopener" }, "Prometheus"), h("a", { class: "button", href: "docs" }, "API reference"), out),
    numbers, h("div", { class: "two" }, card("Memory", memory.node), card("CPU", busy.node)), trouble, jobs);
  const history = [];
  const drawJobs = whenChanged((list) => put(jobs, list.length ? list.map(jobCard) : card(null, emptyState("system", "No job is running", "Times by stage and lost frames of running jobs are shown here."))));

  const again = every(PERIOD_MS, async () => {
    const [text, all] = await Promise.all([api.metrics(signal), api.jobs(signal)]);
    const seen = readMetrics(text);
    put(trouble);
    const now = Date.now() / 1000;
    history.push({ now, memory: seen.one("process_resident_memory_bytes"), cpu: seen.one("process_cpu_seconds_total") });
    if (history.length > KEPT) history.shift();
    drawNumbers(seen, history);
    memory.draw(history.map((each) => each.memory), bytes(history.at(-1).memory));
    const loads = cores(history);
    busy.draw(loads, loads.length ? `${loads.at(-1).toFixed(2)} cores` : "measuring");
    drawJobs(all.filter((job) => ["processing", "paused"].includes(job.status)).map(({ job_id, status, stop_requested, stages, cameras, total_visits, people_now, fps }) =>
      ({ job_id, status, stop_requested, stages, cameras, total_visits, people_now, fps })));
  }, signal, (error) => put(trouble, card(null, errorState(error, () => again()))));

  function drawNumbers(seen, past) {
    const started = seen.one("process_start_time_seconds");
    put(numbers, figures([
      ["Memory", ...bytes(past.at(-1).memory).split(" ")],
      ["Running for", lasting(Math.max(0, Date.now() / 1000 - started))],
      ["Jobs running", count(seen.sum("tracker_jobs", { status: "processing" }) + seen.sum("tracker_jobs", { status: "paused" }))],
      ["Open streams", count(seen.one("tracker_streams_open"))],
      ["Frames dropped", count(seen.sum("tracker_frames_dropped_total"))],
    ]));
  }
}

async function signOut() {
  await leave();
  location.reload();
}

/** Cores that were busy between each two looks. */
const cores = (history) => history.slice(1).map((each, index) => Math.max(0, (each.cpu - history[index].cpu) / (each.now - history[index].now)));

function jobCard(job) {
  // Loading the networks is done once and takes longer than anything: no scale for what is done in every round.
  const stages = Object.entries(job.stages).filter(([name]) => name !== "load models");
  const most = Math.max(1, ...stages.map(([, stage]) => stage.p95_ms));
  const bar = (name, stage) => h("tr", {}, h("td", {}, name),
    h("td", { class: "stage-bar" }, h("meter", { min: 0, max: most, value: stage.p50_ms, "aria-label": `Median of ${name}` })),
    h("td", { class: "number" }, `${stage.p50_ms.toFixed(1)} ms`), h("td", { class: "number soft" }, `${stage.p95_ms.toFixed(1)} ms`));
  const dropped = job.cameras.filter((camera) => camera.dropped > 0);
  return card(h("a", { href: `#/jobs/${job.job_id}` }, `Job ${job.job_id}`), h("div", {},
    figures([["Gallery", count(job.total_visits), "people"], ["In view", count(job.people_now)], ["Speed", job.fps.toFixed(1), "rounds/s"],
      ["Dropped", count(job.cameras.reduce((sum, camera) => sum + camera.dropped, 0)), "frames"]]),
    stages.length > 0 && h("div", { class: "scroller" }, h("table", { class: "stages" },
      h("thead", {}, h("tr", {}, h("th", {}, "Stage"), h("th", {}, h("span", { class: "unseen" }, "Share")), h("th", { class: "number" }, "Median"), h("th", { class: "number" }, "95 of 100 within"))),
      h("tbody", {}, stages.map(([name, stage]) => bar(name, stage))))),
    dropped.length > 0 && h("p", { class: "soft dropped" }, dropped.map(dropLine).join(" · "))), { end: [jobBadge(job.status, job.stop_requested)], flush: true });
}

const dropLine = ({ camera, dropped_by_cause: causes }) =>
  `${camera}: ${Object.entries(causes).filter(([, number]) => number).map(([cause, number]) => `${count(number)} ${cause.replace("_", " ")}`).join(", ")}`;
