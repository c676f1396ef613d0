// People: everybody there is by their best picture, who is here now, and who looks like a photo.

import { api } from "../lib/api.js";
import { portrait } from "../lib/crops.js";
import { attempt } from "../lib/dialogs.js";
import { h, put } from "../lib/dom.js";
import { ago, clock, count, counted } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { card, emptyState, errorState, pageHead, segments, select } from "../lib/parts.js";
import { personPlate } from "../lib/palette.js";
import { every } from "../lib/poll.js";
import { VirtualGrid } from "../lib/virtual_grid.js";

export const title = "People";

const PERIOD_MS = 4000;
const TYPING_MS = 200;
const ORDERS = [
  ["last_seen", "Seen last"], ["first_seen", "Newest"], ["seconds", "Longest in view"], ["id", "Number"],
];

export async function mount(root, { signal, query }) {
  const asked = { search: "", here_now: false, order: "last_seen", job_id: query.get("job"), camera: null };
  const tally = h("span", { class: "sub", role: "status" });
  const box = h("div");
  const found = h("div");
  const grid = new VirtualGrid({
    label: "People", tileWidth: 152, tileHeight: 284, gap: 16, tile: personTile,
    fetchPage: (offset, limit) => api.people({ ...asked, descending: String(asked.order !== "id"), offset, limit }, signal),
    counted: (total) => {
      put(tally, total ? counted(total, "person", "people") : "");
      if (total === 0) put(box, card(null, nobody(asked)));
      else if (!grid.node.isConnected) put(box, grid.node);
    },
    failed: (error) => !signal.aborted && put(box, card(null, errorState(error, () => grid.reload()))),
  }, signal);
  put(box, grid.node);
  const reload = () => grid.reload();
  const search = searchBox(asked, reload);
  const photo = photoButton(found, signal);
  const jobs = select([["", "All jobs"]], "", (value) => { asked.job_id = value || null; reload(); }, { "aria-label": "Job" });
  put(root, h("div", { class: "head" }, h("h1", { tabindex: "-1" }, "People"), tally, h("div", { class: "end" }, photo)),
    h("div", { class: "tools" }, search,
      segments("Who", [[false, "Everybody"], [true, "Here now"]], false, (value) => { asked.here_now = value; reload(); }),
      select(ORDERS, asked.order, (value) => { asked.order = value; reload(); }, { "aria-label": "Order" }),
      jobs),
    found, box);
  fillJobs(jobs, asked.job_id, signal);
  if (query.get("focus") === "search") setTimeout(() => document.getElementById("people-search")?.focus());
  // Somebody who looks through the list is not to have it move.
  every(PERIOD_MS, async () => { if (scrollY < 200) await grid.reload(); }, signal);
}

function searchBox(asked, reload) {
  let timer = 0;
  const input = h("input", { class: "input", type: "search", id: "people-search", placeholder: "Name or number", "aria-label": "Search by name or number", autocomplete: "off" });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { asked.search = input.value.trim(); reload(); }, TYPING_MS);
  });
  return h("div", { class: "search grow" }, icon("search"), input);
}

/** The jobs there are; people are shown before these are known. */
async function fillJobs(list, chosen, signal) {
  const jobs = (await attempt(() => api.jobs(signal))) ?? [];
  list.append(...jobs.map(({ job_id: id }) => h("option", { value: id, selected: id === chosen }, `Job ${id}`)));
}

function nobody({ search, here_now: here, job_id: job }) {
  if (search) return emptyState("search", "Nobody found", `No name holds “${search}” and no number begins with it.`);
  if (here) return emptyState("people", "Nobody is here now", "As soon as a running job sees somebody, they appear here.");
  return emptyState("people", job ? "This job has seen nobody" : "Nobody yet", "People appear here while a job runs, and stay when it is over.",
    h("a", { class: "button primary", href: "#/jobs/new" }, icon("plus"), "Start a job"));
}

function personTile(person) {
  if (!person) return h("div", { class: "person-tile bones" });
  const name = person.name ?? `Person ${person.id}`;
  return h("a", { class: "person-tile", href: `#/people/${person.id}`, "aria-label": `${name}, seen ${ago(person.last_seen_unix_s)} by ${person.cameras.join(", ")}` },
    portrait(person.crop), h("div", { class: "person-line" }, personPlate(person.id), h("span", { class: "cut" }, person.name ?? "")),
    h("small", { class: "faint cut" }, `${ago(person.last_seen_unix_s)} · ${clock(Math.ceil(person.seconds))}`),
    h("small", { class: "faint cut" }, person.cameras.join(", ")));
}

/** Search by photo: a picture chosen or dropped in, and who looks like it. */
function photoButton(place, signal) {
  const input = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", class: "unseen", tabindex: "-1", "aria-label": "Photo to search by" });
  const button = h("button", { class: "button", type: "button", onclick: () => input.click() }, icon("photo"), "Search by photo");
  const search = (file) => file && searchByPhoto(place, file, signal);
  input.addEventListener("change", () => { search(input.files[0]); input.value = ""; });
  addEventListener("dragover", (event) => event.preventDefault(), { signal });
  addEventListener("drop", (event) => { event.preventDefault(); search(event.dataTransfer.files[0]); }, { signal });
  return h("span", {}, input, button);
}

async function searchByPhoto(place, file, signal) {
  const address = URL.createObjectURL(file);
  signal.addEventListener("abort", () => URL.revokeObjectURL(address));
  const answer = h("div", { class: "grow" }, h("div", { class: "bones" }));
  const close = h("button", { class: "button plain only small", type: "button", "aria-label": "Close the search", onclick: () => put(place) }, icon("close"));
  put(place, card("Who looks like this", h("div", { class: "photo-search" },
    h("img", { class: "photo-asked", src: address, alt: "The photo that was searched for" }), answer), { end: [close] }));
  try {
    const { matches } = await api.search(file);
    put(answer, matches.length ? h("ol", { class: "matches", "aria-label": "Most alike first" }, matches.map(match))
      : emptyState("search", "Nobody to compare with", "A few seconds after somebody is seen their look is known, unless no looks are to be kept."));
  } catch (error) {
    put(answer, errorState(error, () => searchByPhoto(place, file, signal)));
  }
}

const match = ({ person, similarity, camera }) => h("li", {}, h("a", { class: "person-tile still", href: `#/people/${person.id}` },
  portrait(person.crop), h("div", { class: "person-line" }, personPlate(person.id), h("span", { class: "cut" }, person.name ?? "")),
  h("span", { class: "likeness" }, h("meter", { min: 0, max: 1, low: 0.3, optimum: 1, high: 0.4, value: Math.max(0, similarity), "aria-label": "Likeness" }), similarity.toFixed(2)),
  h("small", { class: "faint cut" }, `seen by ${camera}`)));
