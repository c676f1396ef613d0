// One person: when and where, pictures by camera, why it is taken for one, and what can be put right.

import { api, urls } from "../lib/api.js";
import { cropImage, portrait } from "../lib/crops.js";
import { attempt, confirmed, openDialog, toast } from "../lib/dialogs.js";
import { h, put } from "../lib/dom.js";
import { clock, count, counted, day, lasting, when } from "../lib/format.js";
import { eventRow } from "../lib/event_row.js";
import { icon } from "../lib/icons.js";
import { card, emptyState, errorState, field, figures, pageHead, select } from "../lib/parts.js";
import { colourOf, personPlate, personTag } from "../lib/palette.js";
import { personPicker } from "../lib/person_picker.js";
import { splitPicker } from "../lib/split_picker.js";
import { timeline } from "../lib/timeline.js";

export const title = "Person";

const MOST_EVENTS = 500;
const FIRST_CROPS = 12;

export async function mount(root, { signal, parameters: [number] }) {
  const again = () => mount(root, { signal, parameters: [number] });
  let detail;
  try {
    detail = await api.person(number, signal);
  } catch (error) {
    if (!signal.aborted) put(root, pageHead("People"), card(null, errorState(error, again)));
    return;
  }
  const { person, stays, crops, corrections } = detail;
  const why = h("div");
  put(root,
    h("nav", { class: "crumb", "aria-label": "Where you are" }, h("a", { href: "#/people" }, "People"), icon("chevron", "icon-small"), String(person.id)),
    banner(detail, again),
    whereCard(person, stays, again),
    cropsCard(crops),
    corrections.length > 0 && correctionsCard(corrections, again),
    why);
  showWhy(why, person.id, signal);
}

function banner(detail, again) {
  const { person, aliases, remembered, crops } = detail;
  const others = aliases.filter((alias) => alias !== person.id);
  const sub = [others.length > 0 && `also ${others.join(", ")}`, remembered ? "known again by look" : null].filter(Boolean).join(" · ");
  const button = (text, sign, act) => h("button", { class: "button small", type: "button", onclick: act }, icon(sign, "icon-small"), text);
  return h("section", { class: "card person-banner" }, portrait(person.crop, "The best picture of this person"), h("div", { class: "stack grow" },
    h("div", { class: "head" }, personPlate(person.id), h("h1", { tabindex: "-1" }, person.name ?? `Person ${person.id}`), sub && h("span", { class: "sub" }, sub)),
    h("div", { class: "row" },
      button("Name", "edit", () => askForName(person, again)),
      button("Same as…", "merge", () => askForOther("merge", person, again)),
      crops.length > 1 && button("Two people…", "split", () => askForSplit(person, crops, again)),
      button("Not the same as…", "apart", () => askForOther("apart", person, again)),
      h("button", { class: "button small danger", type: "button", onclick: () => askToForget(person) }, icon("trash", "icon-small"), "Forget")),
    figures([
      ["In view", lasting(person.seconds)],
      ["Cameras", count(person.cameras.length)],
      ["First seen", h("span", { class: "figure-text" }, when(person.first_seen_unix_s))],
      ["Last seen", h("span", { class: "figure-text" }, when(person.last_seen_unix_s))],
    ])));
}

function whereCard(person, stays, again) {
  const jobs = [...new Set(stays.map((stay) => stay.job_id))].map((job) => ({ job, stays: stays.filter((stay) => stay.job_id === job).sort((a, b) => a.camera.localeCompare(b.camera, "en", { numeric: true })) }))
    .sort((a, b) => beginOf(b.stays) - beginOf(a.stays));
  if (!jobs.length) return card("Where and when", emptyState("events", "Nothing kept", "The sightings of this person were removed."));
  const box = h("div");
  const draw = (job) => put(box, timeline(jobs.find((each) => each.job === job).stays, colourOf(person.id), (stay, index) => splitOffer(person, stay, index, again)));
  draw(jobs[0].job);
  const choice = jobs.length > 1
    ? select(jobs.map(({ job, stays: of }) => [job, `${day(beginOf(of))}, job ${job}`]), jobs[0].job, draw, { "aria-label": "Job", class: "input small" })
    : h("span", { class: "faint" }, `${day(beginOf(jobs[0].stays))}, `, h("a", { href: `#/jobs/${jobs[0].job}` }, `job ${jobs[0].job}`));
  return card("Where and when", box, { end: [choice] });
}

const beginOf = (stays) => Math.min(...stays.map((stay) => stay.intervals_unix_s[0]?.[0] ?? Infinity));

function splitOffer(person, stay, index, again) {
  const [start, end] = stay.intervals_unix_s[index];
  const [from, to] = stay.intervals_s[index];
  const first = start <= person.first_seen_unix_s + 0.001;
  return h("div", { class: "note" }, icon("film"), h("span", { class: "grow" }, h("b", {}, stay.camera), `, ${when(start)}, for ${lasting(end - start)} `, h("span", { class: "faint" }, `(${clock(from)} to ${clock(to)} of the job)`)),
    !first && h("button", { class: "button small", type: "button", onclick: () => askToSplit(person, start, again) }, icon("split", "icon-small"), "Somebody else from here on"));
}

function askToSplit(person, at, again) {
  confirmed({
    title: `Split ${person.name ?? `person ${person.id}`}?`,
    text: `Everything that begins at ${when(at)} or later becomes somebody new. You can undo that.`,
    label: "Split", danger: false,
    act: () => split(person, at, again),
  });
}

const split = async (person, at, again) =>
  offerUndo(await api.split(person.id, at), (made) => `The later part is person ${made.other_id} now.`, again);

function askForSplit(person, crops, again) {
  const picker = splitPicker(crops);
  openDialog({
    title: `From when on is ${person.name ?? `person ${person.id}`} somebody else?`, content: [picker.node],
    actions: [{ label: "Split", primary: true, act: async () => {
      const at = picker.value();
      if (at === null) return false;
      await split(person, at, again);
      return true;
    } }],
  });
}

function askForName(person, again) {
  const input = h("input", { class: "input", maxlength: 200, value: person.name ?? "", autocomplete: "off" });
  openDialog({
    title: `Name person ${person.id}`, focus: input, content: [field("Name", input, "Left empty, the person goes by the number.")],
    actions: [{ label: "Save", primary: true, act: async () => { await api.rename(person.id, input.value.trim() || null); await again(); } }],
  });
}

function askForOther(kind, person, again) {
  const merges = kind === "merge";
  const picker = personPicker(person.id);
  openDialog({
    title: merges ? `Who is the same as ${person.name ?? person.id}?` : `Who is not ${person.name ?? person.id}?`,
    focus: picker.focus,
    content: [h("p", { class: "soft" }, merges ? "Both become one person, and this number stays." : "Nothing will make one person of the two."), picker.node],
    actions: [{
      label: merges ? "Merge" : "Keep apart", primary: true,
      act: async () => {
        const other = picker.value();
        if (other === null) return false;
        const made = merges ? await api.merge(person.id, other) : await api.apart(person.id, other);
        offerUndo(made, () => (merges ? `${other} is ${person.id} now.` : `${other} and ${person.id} stay two people.`), again);
        return true;
      },
    }],
  });
}

function offerUndo(made, text, again) {
  toast(text(made), { label: "Undo", act: () => attempt(async () => { await api.undo(made.id); await again(); }) });
  return again();
}

function askToForget(person) {
  confirmed({
    title: `Forget ${person.name ?? `person ${person.id}`}?`,
    text: "Pictures, looks, sightings and events of this person are erased from the store and from the records of its jobs. This cannot be undone.",
    label: "Forget for good",
    act: async () => {
      const erased = await api.forget(person.id);
      toast([`${counted(erased.crops, "picture")} and ${counted(erased.sightings, "sighting")} are erased.`, ...erased.left].join(" "));
      location.hash = "#/people";
    },
  });
}

function cropsCard(crops) {
  if (!crops.length) return card("Pictures", emptyState("photo", "No pictures", "None were good enough yet, or they are not kept."));
  const cameras = [...new Set(crops.map((crop) => crop.camera))].sort();
  return card("Pictures", h("div", { class: "stack" }, cameras.map((camera) => cameraCrops(camera, crops.filter((crop) => crop.camera === camera)))));
}

function cameraCrops(camera, crops) {
  const row = h("div", { class: "crops" });
  const draw = (number) => put(row, crops.slice(0, number).map((crop) =>
    h("a", { href: urls.crop(crop.id), target: "_blank", rel: "noopener", title: `${when(crop.unix_s)}, job ${crop.job_id}` },
      cropImage(crop.id, `${camera}, ${when(crop.unix_s)}`), h("small", { class: "faint" }, clock(crop.time_s)))),
  crops.length > number && h("button", { class: "button small", type: "button", onclick: () => draw(crops.length) }, `All ${crops.length}`));
  draw(FIRST_CROPS);
  return h("div", { class: "stack tight" }, h("h3", {}, camera, " ", h("span", { class: "faint" }, counted(crops.length, "picture"))), row);
}

const CORRECTION_WORDS = {
  merge: (made) => [personTag(made.other_id), "became", personTag(made.person_id)],
  split: (made) => [personTag(made.person_id), "became", personTag(made.other_id), `from ${when(made.at_unix_s)} on`],
  apart: (made) => [personTag(made.person_id), "and", personTag(made.other_id), "are two people"],
};

const correctionsCard = (corrections, again) => card("Put right by hand", h("ul", { class: "corrections" }, corrections.map((made) =>
  h("li", { class: "row spread" }, h("span", { class: "row" }, CORRECTION_WORDS[made.kind](made)),
    h("span", { class: "row" }, h("small", { class: "faint" }, when(made.made_unix_s)),
      h("button", { class: "button small", type: "button", onclick: () => attempt(async () => { await api.undo(made.id); await again(); }) }, icon("undo", "icon-small"), "Undo"))))));

async function showWhy(box, id, signal) {
  try {
    const { events } = await api.events({ identity: id, limit: MOST_EVENTS }, signal);
    put(box, card("Why it is one person", events.length
      ? h("ol", { class: "event-list" }, events.map((event) => eventRow(event, { withPerson: false })))
      : emptyState("events", "No decisions kept", "Events of this person were removed, or there are none yet."), { flush: true }));
  } catch (error) {
    if (!signal.aborted) put(box, card("Why it is one person", errorState(error, () => showWhy(box, id, signal))));
  }
}
