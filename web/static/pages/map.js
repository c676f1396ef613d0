// Map: who is where on the floor, and where they came from.

import { api } from "../lib/api.js";
import { attempt } from "../lib/dialogs.js";
import { h, put, whenChanged } from "../lib/dom.js";
import { floorView } from "../lib/floor_view.js";
import { clock, time } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { card, emptyState, errorState, pageHead, select } from "../lib/parts.js";
import { askForPlan, loadPlan, loadSavedPlan } from "../lib/plan_form.js";
import { personTag } from "../lib/palette.js";
import { every } from "../lib/poll.js";

export const title = "Map";

const PERIOD_MS = 1500;
const HERE_S = 2;
const SPANS = [["10", "trails of 10 s"], ["30", "trails of 30 s"], ["120", "trails of 2 min"], ["600", "trails of 10 min"]];
const LIVE = ["processing", "paused"];

export async function mount(root, { signal, query }) {
  root.classList.add("wide");
  const jobs = (await attempt(() => api.jobs(signal))) ?? [];
  const asked = { job: query.get("job") ?? (jobs.find((job) => LIVE.includes(job.status)) ?? jobs[0])?.job_id, span: "30", until: null };
  const calibrate = () => h("a", { class: "button", href: "#/map/calibrate" }, icon("target", "icon-small"), "Calibrate a camera");
  if (!asked.job) {
    put(root, pageHead("Map", null, calibrate()), card(null, emptyState("map", "Nothing to show yet", "People appear on the map when a job with a calibration runs.", calibrate())));
    return;
  }
  let own = await attempt(() => loadPlan(signal));
  const saved = { name: null, plan: null };
  const floor = floorView("The floor from above");
  const people = h("div", { class: "row" });
  const slider = h("input", { type: "range", min: 0, step: 0.1, "aria-label": "Time" });
  const shown = h("output", { class: "map-time" });
  const follow = h("button", { class: "button small", type: "button", "aria-pressed": "true", onclick: () => { asked.until = null; again(); } }, "Newest");
  const box = h("div");
  const stage = h("section", { class: "card floor-card" }, floor.node,
    h("div", { class: "floor-bar" }, slider, shown, follow, floor.scale), people);
  const planButton = h("button", { class: "button", type: "button", onclick: () => askForPlan(async () => { own = await attempt(() => loadPlan(signal)); again(); }) }, icon("photo", "icon-small"), "Floor plan");
  slider.addEventListener("input", () => { asked.until = Number(slider.value); again(); });
  put(root, pageHead("Map", null,
    select(jobs.map((job) => [job.job_id, `Job ${job.job_id}`]), asked.job, (value) => { Object.assign(asked, { job: value, until: null }); again(); }, { "aria-label": "Job" }),
    select(SPANS, asked.span, (value) => { asked.span = value; again(); }, { "aria-label": "Length of trails" }),
    planButton, calibrate()), box);

  let last = null;
  let walked = []; // two corners of where people were seen so far
  let newest = null;
  addEventListener("resize", () => newest && draw(newest), { signal });
  const tags = whenChanged((ids) => put(people, ids.length ? ids.map((id) => personTag(id)) : h("span", { class: "faint" }, "Nobody with feet in view at this time.")));
  const again = every(PERIOD_MS, async () => {
    const { job } = asked;
    const found = await api.floor(job, { until_s: asked.until, span_s: asked.span }, signal);
    if (job !== asked.job) return; // another one was chosen meanwhile
    if (!found.cameras.some((camera) => camera.calibrated)) {
      put(box, card(null, emptyState("map", "This job has no calibration", "A calibration says how each camera sees the floor. Click four points of it, save it, and choose it when a job is started.", calibrate())));
      return;
    }
    if (found.calibration !== saved.name) {
      Object.assign(saved, { name: found.calibration, plan: found.calibration && await attempt(() => loadSavedPlan(found.calibration, signal)) });
      planButton.hidden = Boolean(saved.plan); // the calibration has one of its own
    }
    if (!stage.isConnected) put(box, stage);
    draw(found);
  }, signal, (error) => put(box, card(null, errorState(error, () => again()))));

  function draw(found) {
    newest = found;
    const plan = saved.plan ?? own;
    const places = found.cameras.flatMap((camera) => [...camera.seen_m, ...(camera.place_m ? [camera.place_m] : [])]);
    const key = JSON.stringify([asked.job, found.cameras, plan?.url, plan?.width_m, floor.node.clientWidth]);
    const before = key === last ? walked : [];
    const grown = wholeMetres([...before, ...near(places, found.trails)]);
    if (key !== last || String(grown) !== String(walked)) {
      last = key;
      walked = grown;
      floor.fit([...places, ...walked], plan);
      floor.drawCameras(found.cameras);
    }
    const until = asked.until ?? found.media_s;
    const list = byPerson(found.trails, until);
    floor.drawPeople(list);
    tags(list.filter(({ here }) => here).map(({ id }) => id));
    slider.max = found.media_s;
    if (asked.until === null) slider.value = found.media_s;
    follow.setAttribute("aria-pressed", String(asked.until === null));
    put(shown, `${clock(until)} · ${time(found.begins_unix_s + until)}`);
  }
}

/** Where people walked, but for points far from what the cameras see: those are mistakes of measuring. */
function near(places, trails) {
  if (!places.length) return [];
  const [[left, bottom], [right, top]] = wholeMetres(places);
  const room = Math.max(right - left, top - bottom) / 3;
  return trails.flatMap(({ points }) => points.map(([, x, y]) => [x, y]))
    .filter(([x, y]) => x > left - room && x < right + room && y > bottom - room && y < top + room);
}

/** Two opposite corners of the smallest box of whole metres around places. */
function wholeMetres(places) {
  if (!places.length) return [];
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (const place of places) { // there may be too many for the arguments of Math.min
    for (const axis of [0, 1]) {
      low[axis] = Math.min(low[axis], Math.floor(place[axis]));
      high[axis] = Math.max(high[axis], Math.ceil(place[axis]));
    }
  }
  return [low, high];
}

/** Trails of a person over all cameras; where they are is what was seen last. */
function byPerson(trails, until) {
  const people = new Map();
  for (const { person_id: id, points } of trails) {
    const person = people.get(id) ?? { id, lines: [], last: null, here: false };
    const before = points.filter(([at]) => at <= until + 0.001);
    if (!before.length) continue;
    person.lines.push(before);
    if (!person.last || before.at(-1)[0] > person.last[0]) person.last = before.at(-1);
    person.here = until - person.last[0] <= HERE_S;
    people.set(id, person);
  }
  return [...people.values()];
}
