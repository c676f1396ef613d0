// Live: the pictures of a running job with boxes and numbers drawn in, what each camera does, and who is there.

import { api, urls } from "../lib/api.js";
import { cropImage } from "../lib/crops.js";
import { h, put, whenChanged } from "../lib/dom.js";
import { clock, count, counted } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { jobActions } from "../lib/job_actions.js";
import { cameraBadge, card, emptyState, errorState, figures, jobBadge, note, pageHead, select } from "../lib/parts.js";
import { personPlate } from "../lib/palette.js";
import { every } from "../lib/poll.js";

export const title = "Live";

const PERIOD_MS = 1500;
const WATCHED = ["processing", "paused"];

export async function mount(root, { signal, parameters: [wanted, camera] }) {
  root.classList.add("wide");
  let view = null;
  const again = every(PERIOD_MS, async () => {
    const jobs = await api.jobs(signal);
    const running = jobs.filter((job) => WATCHED.includes(job.status));
    const job = wanted ? jobs.find((each) => each.job_id === wanted) : running[0];
    const key = job && WATCHED.includes(job.status) ? job.job_id : "nothing";
    if (view?.key !== key) {
      view?.leave.abort();
      const leave = new AbortController();
      signal.addEventListener("abort", () => leave.abort());
      view = { key, leave, update: key === "nothing" ? drawNothing(root, jobs, job) : drawJob(root, key, camera, () => again(), leave.signal) };
    }
    view.update?.(job, running);
  }, signal, (error) => {
    view?.leave.abort();
    view = null;
    put(root, pageHead("Live"), errorState(error, () => again()));
  });
  await again.first;
}

function drawNothing(root, jobs, job) {
  const waiting = jobs.filter((each) => each.status === "queued").length;
  const start = h("a", { class: "button primary", href: "#/jobs/new" }, icon("plus"), "Start a job");
  if (job) {
    const open = h("a", { class: "button", href: `#/jobs/${job.job_id}` }, "Look at what it found");
    put(root, pageHead("Live"), card(null, emptyState("film", `Job ${job.job_id} is ${job.status}`,
      "There are no live pictures of it. What it wrote is kept.", open, start)));
  } else {
    const text = waiting ? `${counted(waiting, "job")} waiting to begin.` : "Pick recordings or name cameras, and everybody in them gets one number over all pictures.";
    put(root, pageHead("Live"), card(null, emptyState("live", "No camera is being watched", text, start,
      jobs.length > 0 && h("a", { class: "button", href: "#/jobs" }, "All jobs"))));
  }
  return null;
}

function drawJob(root, jobId, camera, changed, signal) {
  const stage = liveStage(jobId, camera, signal);
  const head = h("div");
  const cameras = h("div", { class: "camera-list" });
  const numbers = h("div", { class: "card" });
  const people = h("div");
  const notes = h("div", { class: "stack tight" });
  put(root, head, h("div", { class: "columns live-columns" },
    h("div", { class: "stack" }, stage.node, notes),
    h("div", { class: "stack" }, numbers, card("Cameras", cameras, { flush: true }), people)));

  const drawHead = whenChanged(({ job, running }) => put(head, pageHead("Live", null, ...headParts(job, running, changed))));
  const drawCameras = whenChanged((list) => put(cameras, cameraRows(jobId, camera, list)));
  const drawNumbers = whenChanged((items) => put(numbers, figures(items)));
  const drawNotes = whenChanged((lines) => put(notes, lines.map((line) => note(line))));
  listenToKeys(jobId, () => cameras.querySelectorAll("a"), stage.toggleFull, signal);
  showWhoIsHere(people, jobId, signal);

  return (job, running) => {
    stage.update(job);
    drawHead({ job: { job_id: job.job_id, status: job.status, stop_requested: job.stop_requested }, running: running.map((each) => each.job_id) });
    drawCameras(job.cameras.map(({ camera: name, state, dropped, error }) => ({ name, state, dropped, error })));
    drawNumbers([["People now", count(job.people_now)], ["People so far", count(job.total_visits)], ["Time", clock(job.media_time_s)], ["Speed", job.fps.toFixed(1), "rounds/s"]]);
    drawNotes(job.notes);
  };
}

function headParts(job, running, changed) {
  const others = running.length > 1 && select(running.map((id) => [id, `Job ${id}`]), job.job_id,
    (id) => { location.hash = `#/live/${id}`; }, { "aria-label": "Job" });
  return [jobBadge(job.status, job.stop_requested), others && h("div", {}, others), ...jobActions(job, changed, { watch: false }), h("a", { class: "button", href: `#/jobs/${job.job_id}` }, "Details")];
}

/** The picture, as large as there is room; of one camera or of all. */
function liveStage(jobId, camera, signal) {
  const picture = h("img", { class: "live-picture", alt: camera ? `Live picture of ${camera}` : "Live pictures of all cameras" });
  const wait = h("div", { class: "live-wait" }, "Waiting for the first picture…");
  const badge = h("span", { class: "badge live good live-badge" }, "live");
  const full = h("button", { class: "button only small live-full", type: "button", "aria-label": "Whole screen", title: "Whole screen (f)" }, icon("full"));
  const node = h("div", { class: "live-stage" }, picture, wait, h("div", { class: "live-bar" }, badge,
    camera && h("a", { class: "button small", href: `#/live/${jobId}`, title: "All cameras (0)" }, icon("grid", "icon-small"), "All cameras")), full);
  const begin = () => { picture.src = urls.live(jobId, camera); };
  const end = () => { picture.removeAttribute("src"); };
  const toggleFull = () => (document.fullscreenElement ? document.exitFullscreen() : node.requestFullscreen());

  picture.addEventListener("load", () => { wait.hidden = true; });
  picture.addEventListener("error", () => {
    if (!picture.hasAttribute("src")) return;
    wait.hidden = false;
    put(wait, "No picture yet; trying again…");
    const timer = setTimeout(begin, 2000);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
  full.addEventListener("click", toggleFull);
  // A hidden tab would hold one of the few connections that a browser has, for pictures that nobody sees.
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()), { signal });
  signal.addEventListener("abort", end);
  begin();
  return {
    node, toggleFull,
    update: (job) => {
      badge.className = `badge live-badge ${job.status === "paused" ? "warn" : "good live"}`;
      put(badge, job.status === "paused" ? "paused" : "live");
    },
  };
}

const cameraRows = (jobId, chosen, cameras) => cameras.map(({ name, state, dropped, error }, index) =>
  h("a", { class: "camera-row", href: `#/live/${jobId}/${encodeURIComponent(name)}`, "aria-current": chosen === name ? "true" : null },
    h("kbd", { "aria-hidden": "true" }, index + 1),
    h("span", { class: "grow" }, h("span", { class: "cut camera-name" }, name),
      error ? h("small", { class: "faint" }, error) : dropped > 0 && h("small", { class: "faint" }, `${counted(dropped, "frame")} dropped`)),
    cameraBadge(state)));

function listenToKeys(jobId, rows, toggleFull, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    if (event.key === "f") toggleFull();
    else if (event.key === "0") location.hash = `#/live/${jobId}`;
    else rows()[Number(event.key) - 1]?.click();
  }, { signal });
}

/** Who is in view now, where the server keeps a store. */
function showWhoIsHere(box, jobId, signal) {
  const draw = whenChanged((people) => put(box, card("In view", people.length
    ? h("div", { class: "row here" }, people.map(personChip)) : h("p", { class: "soft" }, "Nobody at the moment."))));
  const leave = new AbortController();
  signal.addEventListener("abort", () => leave.abort());
  every(PERIOD_MS, async () => {
    const { items } = await api.people({ job_id: jobId, here_now: true, order: "id", descending: "false", limit: 40 }, leave.signal);
    draw(items.map(({ id, name, crop }) => ({ id, name, crop: crop?.id ?? null })));
  }, leave.signal, (error) => error.code === "store_off" && leave.abort());
}

const personChip = ({ id, name, crop }) => h("a", { class: "chip", href: `#/people/${id}`, "aria-label": `Person ${name ?? id}` },
  crop && cropImage(crop), personPlate(id, name));
