// One job: how it goes, what its cameras do, and what it wrote.

import { api, urls } from "../lib/api.js";
import { h, put, whenChanged } from "../lib/dom.js";
import { bytes, clock, count, counted, lasting, when } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { isOver, jobActions } from "../lib/job_actions.js";
import { cameraBadge, card, emptyState, errorState, figures, jobBadge, note, pageHead } from "../lib/parts.js";
import { every } from "../lib/poll.js";

export const title = "Job";

const PERIOD_MS = 1000;
const PLAYED = /\.(mp4|webm)$/i;

export async function mount(root, { signal, parameters: [jobId] }) {
  const places = Object.fromEntries(["head", "state", "numbers", "cameras", "video", "results", "stages"].map((name) => [name, h("div")]));
  places.state.className = "stack tight";
  places.numbers.className = "card";
  let settled = false;
  const again = every(PERIOD_MS, async () => {
    if (settled) return;
    const job = await api.job(jobId, signal);
    if (!places.head.isConnected) put(root, Object.values(places));
    draw(job);
    settled = isOver(job);
    if (settled) await drawResults(places, job, signal);
  }, signal, (error) => put(root, pageHead(`Job ${jobId}`), card(null, errorState(error, () => again()))));

  const drawHead = whenChanged((job) => put(places.head,
    h("nav", { class: "crumb", "aria-label": "Where you are" }, h("a", { href: "#/jobs" }, "Jobs"), icon("chevron", "icon-small"), jobId),
    pageHead(`Job ${jobId}`, jobBadge(job.status, job.stop_requested),
      isOver(job) && h("a", { class: "button", href: `#/people?job=${encodeURIComponent(jobId)}` }, icon("people", "icon-small"), "People"),
      ...jobActions(job, () => again(), { deleted: () => { location.hash = "#/jobs"; } }))));
  const drawState = whenChanged((job) => put(places.state, stateLines(job)));
  const drawCameras = whenChanged((cameras) => put(places.cameras, cameras.length > 0 && card("Cameras", cameraTable(cameras), { flush: true })));
  const drawStages = whenChanged((stages) => put(places.stages, Object.keys(stages).length > 0 && card("Time by stage", stageTable(stages), { flush: true })));
  const drawNumbers = whenChanged((items) => put(places.numbers, figures(items)));

  function draw(job) {
    drawHead({ job_id: jobId, status: job.status, stop_requested: job.stop_requested });
    drawState({ progress: job.progress, rounds_total: job.rounds_total, status: job.status, error: job.error, notes: job.notes, eta_s: job.eta_s });
    drawNumbers(numbers(job));
    drawCameras(job.cameras);
    drawStages(job.stages);
  }
  await again.first;
}

function stateLines(job) {
  const lines = [];
  if (!isOver(job)) {
    const bar = h("progress", { max: 1, "aria-label": "Progress" });
    if (job.rounds_total !== null) bar.value = job.progress;
    const left = job.eta_s === null ? "" : `, ${clock(job.eta_s)} left`;
    lines.push(bar, job.rounds_total !== null && h("p", { class: "faint" }, `${Math.round(job.progress * 100)} %${left}`));
  }
  if (job.error) lines.push(note(h("span", {}, job.error.message, " ", h("code", {}, job.error.code)), "bad"));
  if (job.status === "interrupted") lines.push(note("The server died while this job ran. What it had written is kept.", "warn"));
  return [...lines, ...job.notes.map((line) => note(line))];
}

const numbers = (job) => [
  // The store does not know everything of a job of an earlier run of the server.
  isOver(job) && !job.total_visits ? null : ["People", count(job.total_visits)],
  isOver(job) ? null : ["People now", count(job.people_now)],
  ["Watched", clock(job.media_time_s)],
  isOver(job) && !job.rounds_done ? null : ["Rounds", count(job.rounds_done)],
  isOver(job) ? null : ["Speed", job.fps.toFixed(1), "rounds/s"],
  job.finished_at && job.started_at ? ["Took", lasting((new Date(job.finished_at) - new Date(job.started_at)) / 1000)] : null,
  job.started_at ? ["Started", h("span", { class: "figure-text" }, when(job.started_at))] : null,
];

function cameraTable(cameras) {
  const remarks = cameras.map((camera) => [camera.error, causes(camera)].filter(Boolean).join(" · "));
  const remarked = remarks.some(Boolean);
  return h("div", { class: "scroller" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", {}, "Camera"), h("th", {}, "State"), h("th", { class: "number" }, "Frames"), h("th", { class: "number" }, "Dropped"), remarked && h("th", {}, "Remark"))),
    h("tbody", {}, cameras.map((camera, index) => h("tr", {},
      h("td", {}, h("b", {}, camera.camera)), h("td", {}, cameraBadge(camera.state)),
      h("td", { class: "number" }, count(camera.frames_read), camera.frames_total !== null && h("span", { class: "faint" }, ` / ${count(camera.frames_total)}`)),
      h("td", { class: "number", title: causes(camera) || null }, count(camera.dropped)),
      remarked && h("td", { class: "soft" }, remarks[index]))))));
}

const causes = ({ dropped_by_cause: dropped }) =>
  Object.entries(dropped ?? {}).filter(([, number]) => number > 0).map(([cause, number]) => `${count(number)} ${cause.replace("_", " ")}`).join(", ");

const stageTable = (stages) => h("div", { class: "scroller" }, h("table", {},
  h("thead", {}, h("tr", {}, h("th", {}, "Stage"), h("th", { class: "number" }, "Median"), h("th", { class: "number" }, "95 of 100 within"), h("th", { class: "number" }, "In all"))),
  h("tbody", {}, Object.entries(stages).map(([name, stage]) => h("tr", {}, h("td", {}, name),
    h("td", { class: "number" }, `${stage.p50_ms.toFixed(1)} ms`), h("td", { class: "number" }, `${stage.p95_ms.toFixed(1)} ms`),
    h("td", { class: "number" }, lasting(stage.total_s)))))));

async function drawResults({ video, results }, job, signal) {
  drawVideo(video, job);
  if (!job.results) return;
  try {
    const { folder, files } = await api.results(job.job_id, signal);
    put(results, h("div", { class: "stack" }, sheetsCard(job.job_id, files), filesCard(job.job_id, folder, files)));
  } catch (error) {
    if (!signal.aborted) put(results, card("Results", emptyState("folder", "No records", error.message)));
  }
}

function drawVideo(place, job) {
  if (!job.output) return;
  const name = job.output.split("/").at(-1);
  const save = h("a", { class: "button small", href: urls.video(job.job_id), download: name }, icon("download", "icon-small"), "Download");
  const shown = PLAYED.test(name)
    ? h("video", { class: "player", controls: true, preload: "metadata", src: urls.video(job.job_id) })
    : h("p", { class: "soft player-note" }, `${name} cannot be played by browsers; download it, or choose an output that ends in .mp4.`);
  put(place, card("Annotated video", shown, { end: [save], flush: PLAYED.test(name) }));
}

function sheetsCard(jobId, files) {
  const sheets = files.filter(({ name }) => /^identities\/\d+\.jpg$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  if (!sheets.length) return null;
  return card(`Who was seen: ${counted(sheets.length, "person", "people")} with pictures`, h("div", { class: "sheets" }, sheets.slice(0, 60).map((sheet) =>
    h("a", { href: urls.file(jobId, sheet.name), target: "_blank", rel: "noopener" },
      h("img", { src: urls.file(jobId, sheet.name), alt: `Pictures of person ${numberOf(sheet)}`, loading: "lazy" })))));
}

const numberOf = ({ name }) => Number(/(\d+)\.jpg$/.exec(name)[1]);

function filesCard(jobId, folder, files) {
  const shown = files.filter(({ name }) => !/^(crops|identities)\//.test(name));
  const whole = files.reduce((sum, file) => sum + file.bytes, 0);
  const all = h("a", { class: "button small", href: urls.zip(jobId), download: `${jobId}.zip` }, icon("download", "icon-small"), `All as ZIP`);
  const rows = shown.map((file) => h("tr", {},
    h("td", { class: "cut" }, h("a", { href: urls.file(jobId, file.name), download: file.name.split("/").at(-1) }, file.name)),
    h("td", { class: "number faint" }, bytes(file.bytes))));
  return card("Records", h("div", {}, h("p", { class: "faint results-where" }, `${folder} · ${counted(files.length, "file")}, ${bytes(whole)}`),
    h("div", { class: "scroller" }, h("table", { class: "results-list" }, h("tbody", {}, rows)))), { end: [all], flush: true });
}
