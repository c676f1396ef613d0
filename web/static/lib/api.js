// Everything the page asks the server, in one place.

import { failure, send } from "./answers.js";
import { shownToken } from "./session.js";

async function ask(path, options = {}) {
  let reply = await send(path, options);
  if (reply.status === 401) {
    await shownToken();
    reply = await send(path, options);
  }
  if (!reply.ok) throw await failure(reply);
  return reply;
}

const json = async (path, options) => (await ask(path, options)).json();
const get = (path, signal) => json(path, { signal });

function sent(method, where, body) {
  const content = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return json(where, { method, ...content });
}

/** A path with those of the questions that say something. */
function path(base, questions = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(questions)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined && item !== "" && item !== false) query.append(name, item);
    }
  }
  return query.size ? `${base}?${query}` : base;
}

const of = (name) => encodeURIComponent(name);
const inFolder = (name) => name.split("/").map(of).join("/");

export const urls = {
  live: (job, camera) => path(`jobs/${of(job)}/live.mjpeg`, { camera, t: Date.now() }),
  still: (job, camera) => path(`jobs/${of(job)}/live.jpg`, { camera, t: Date.now() }),
  file: (job, name) => `jobs/${of(job)}/results/${inFolder(name)}`,
  zip: (job) => `jobs/${of(job)}/results.zip`,
  video: (job) => `jobs/${of(job)}/video`,
  crop: (id) => `crops/${id}`,
  plan: (name) => `calibrations/${of(name)}/plan`,
  stream: (questions) => path("events/stream", questions),
};

export const api = {
  health: (signal) => get("healthz", signal),
  jobs: async (signal) => (await get("jobs", signal)).jobs,
  job: (id, signal) => get(`jobs/${of(id)}`, signal),
  start: (request) => sent("POST", "start_tracking", request),
  stop: (id) => sent("POST", `jobs/${of(id)}/stop`),
  pause: (id) => sent("POST", `jobs/${of(id)}/pause`),
  resume: (id) => sent("POST", `jobs/${of(id)}/resume`),
  remove: (id, records) => sent("DELETE", path(`jobs/${of(id)}`, { records })),
  results: (id, signal) => get(`jobs/${of(id)}/results`, signal),
  text: async (address, signal) => (await ask(address, { signal })).text(),
  cameras: async (signal) => (await get("cameras", signal)).cameras,
  floor: (id, questions, signal) => get(path(`jobs/${of(id)}/floor`, questions), signal),
  calibrations: async (signal) => (await get("calibrations", signal)).calibrations,
  calibration: async (name) => (await get(`calibrations/${of(name)}`)).cameras,
  saveCalibration: (name, cameras) => sent("PUT", `calibrations/${of(name)}`, { cameras }),
  removeCalibration: (name) => ask(`calibrations/${of(name)}`, { method: "DELETE" }),
  savePlan: (name, { blob, ...place }) => json(path(urls.plan(name), place), { method: "PUT", headers: { "Content-Type": blob.type }, body: blob }),
  plan: async (name, signal) => (await ask(urls.plan(name), { signal })).blob(),
  inputs: (folder, signal) => get(path("inputs", { folder }), signal),
  metrics: async (signal) => (await ask("metrics", { signal })).text(),

  people: (questions, signal) => get(path("identities", questions), signal),
  person: (id, signal) => get(`identities/${of(id)}`, signal),
  search: (photo) => json("identities/search", { method: "POST", headers: { "Content-Type": photo.type }, body: photo }),
  rename: (id, name) => sent("PATCH", `identities/${of(id)}`, { name }),
  forget: (id) => sent("DELETE", `identities/${of(id)}`),
  sightings: (questions, signal) => get(path("sightings", questions), signal),
  events: (questions, signal) => get(path("events", questions), signal),
  merge: (keep, gone) => sent("POST", "corrections", { kind: "merge", keep, gone }),
  split: (identity, at) => sent("POST", "corrections", { kind: "split", identity, at_unix_s: at }),
  apart: (one, other) => sent("POST", "corrections", { kind: "apart", one, other }),
  undo: (id) => sent("DELETE", `corrections/${of(id)}`),
};
