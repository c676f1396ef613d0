// Calibrate a camera: four or more points of the floor, clicked in its picture and placed in metres.

import { api, urls } from "../lib/api.js";
import { attempt, confirmed, openDialog, toast } from "../lib/dialogs.js";
import { h, put } from "../lib/dom.js";
import { floorView } from "../lib/floor_view.js";
import { counted, when } from "../lib/format.js";
import { icon } from "../lib/icons.js";
import { fitHomography, project } from "../lib/homography.js";
import { card, field, note, pageHead, select } from "../lib/parts.js";
import { pictureBoard } from "../lib/picture_board.js";
import { askForPlan, loadPlan } from "../lib/plan_form.js";
import { keepCalibrations, readCalibrations } from "../lib/plan_store.js";

export const title = "Calibrate a camera";

const LEAST = 4;
const LIVE = ["processing", "paused"];
/** What was saved or opened last on this page is saved under the same name again. */
let lastName = "";

export async function mount(root, { signal }) {
  root.classList.add("wide");
  const points = [];
  let chosen = -1;
  let matrix = null;
  const board = pictureBoard(placePixel);
  const floor = floorView("The floor from above; click where the chosen point is");
  const table = h("tbody");
  const verdict = h("div", { "aria-live": "polite" });
  const name = h("input", { class: "input", placeholder: "cam1", spellcheck: "false", autocomplete: "off" });
  const done = h("div", { class: "stack tight" });
  const saved = h("div");
  let plan = await attempt(() => loadPlan(signal));
  const fit = () => { floor.fit([[0, 0], [6, 4]], plan); draw(); };
  const planButton = h("button", { class: "button small", type: "button", onclick: () => askForPlan(async () => { plan = await attempt(() => loadPlan(signal)); fit(); }) }, icon("photo", "icon-small"), "Floor plan");
  floor.node.addEventListener("click", (event) => placeFloor(floor.toFloor(event)));
  put(root,
    h("nav", { class: "crumb", "aria-label": "Where you are" }, h("a", { href: "#/map" }, "Map"), icon("chevron", "icon-small"), "Calibrate"),
    pageHead("Calibrate a camera"),
    h("p", { class: "soft lead" }, "Click a point of the floor in the picture, then say where it is: click it on the floor plan, or type metres. Four points that are far apart are enough, more are better. All cameras share one origin."),
    await pictureSource(board, named, signal),
    h("div", { class: "calibrate" }, card("Picture", board.node, { flush: true }), card("Floor", h("div", { class: "floor-card" }, floor.node, h("div", { class: "floor-bar" }, floor.scale)), { flush: true, end: [planButton] })),
    card("Points", h("div", { class: "scroller" }, h("table", { class: "points" },
      h("thead", {}, h("tr", {}, ["Point", "Pixel", "x (m)", "y (m)", "Off by", ""].map((text) => h("th", {}, text || h("span", { class: "unseen" }, "Remove"))))), table)), { flush: true }),
    verdict,
    card("Save", h("div", { class: "stack" }, h("div", { class: "two" }, field("Name of the camera", name, "As in the records: the stem of its file, or its id.")), done)),
    saved);
  addEventListener("resize", fit, { signal });
  fit();
  await drawDone();

  /** The picture is of this camera; points of another one say nothing of it. */
  function named(camera) {
    if (name.value !== camera) points.length = 0;
    chosen = -1;
    name.value = camera;
    draw();
  }

  function placePixel(pixel) {
    chosen = points.push({ pixel, floor: null }) - 1;
    draw();
  }

  function placeFloor([x, y]) {
    if (chosen < 0) {
      toast("First click the point in the picture.");
      return;
    }
    points[chosen].floor = [Math.round(x * 100) / 100, Math.round(y * 100) / 100];
    draw();
  }

  function draw() {
    const pairs = points.filter((point) => point.floor);
    matrix = fitHomography(pairs);
    put(table, points.length ? points.map(row) : h("tr", {}, h("td", { colspan: 6, class: "soft" }, "No point yet: click one in the picture.")));
    board.draw(points, chosen, matrix);
    floor.drawMarks(points.map((point, index) => ({ at: point.floor, name: String(index + 1), chosen: index === chosen })).filter(({ at }) => at));
    put(verdict, judged(pairs));
  }

  function judged(pairs) {
    if (pairs.length < LEAST) return note(`${counted(LEAST - pairs.length, "more point")} to go.`);
    if (!matrix) return note("These points do not tell: three of four must not lie in one line.", "warn");
    const worst = Math.max(...pairs.map(offBy));
    if (pairs.length === LEAST) return note("The grid in the picture is the floor in squares of 1 m: see whether it lies flat. A fifth point shows how exact it is.", "good");
    return worst < 0.02 * board.size()[0] ? note(`The points agree to ${worst.toFixed(1)} px.`, "good") : note(`A point is off by ${worst.toFixed(0)} px: look for a slip.`, "warn");
  }

  const offBy = (point) => {
    const seen = project(matrix, point.floor);
    return seen ? Math.hypot(seen[0] - point.pixel[0], seen[1] - point.pixel[1]) : Infinity;
  };

  function row(point, index) {
    const metres = (axis) => h("input", {
      class: "input small", type: "number", step: "any", value: point.floor?.[axis] ?? "", "aria-label": `${"xy"[axis]} of point ${index + 1} in metres`,
      onchange: (event) => {
        const value = Number(event.target.value);
        point.floor = axis === 0 ? [value, point.floor?.[1] ?? 0] : [point.floor?.[0] ?? 0, value];
        draw();
      },
    });
    const off = matrix && point.floor ? `${offBy(point).toFixed(1)} px` : "";
    return h("tr", { class: index === chosen ? "chosen" : null },
      h("td", {}, h("button", { class: "button small", type: "button", "aria-pressed": String(index === chosen), onclick: () => { chosen = index; draw(); } }, index + 1)),
      h("td", { class: "faint" }, point.pixel.map((value) => Math.round(value)).join(", ")), h("td", {}, metres(0)), h("td", {}, metres(1)), h("td", { class: "faint" }, off),
      h("td", { class: "number" }, h("button", { class: "button plain small only", type: "button", "aria-label": `Remove point ${index + 1}`, onclick: () => { points.splice(index, 1); chosen = -1; draw(); } }, icon("close", "icon-small"))));
  }

  async function drawDone() {
    const cameras = (await attempt(readCalibrations)) ?? {};
    const names = Object.keys(cameras);
    const kept = names.length > 0;
    put(done, h("div", { class: "row" },
      h("button", { class: kept ? "button" : "button primary", type: "button", onclick: save }, icon("check", "icon-small"), "Keep this camera"),
      h("button", { class: kept ? "button primary" : "button", type: "button", disabled: !kept, onclick: () => askToSave(cameras, plan, drawDone) }, icon("folder", "icon-small"), "Save on the server…"),
      h("button", { class: "button", type: "button", disabled: !kept, onclick: () => download(cameras) }, icon("download", "icon-small"), "Download calibration.json"),
      kept && h("button", { class: "button plain", type: "button", onclick: async () => { await keepCalibrations({}); await drawDone(); } }, "Start over")),
    h("p", { class: "faint" }, kept ? `Kept in this browser: ${names.join(", ")}. Keep the other cameras, too, then save them all.` : "Keep each camera, then save them all under one name: a job is started with it."));
    await attempt(async () => put(saved, savedList(await api.calibrations(signal), drawDone)));
  }

  async function save() {
    const camera = name.value.trim();
    if (!matrix || !camera) {
      toast(matrix ? "Name the camera first." : "Four points come first.");
      (matrix ? name : root.querySelector("h1")).focus();
      return;
    }
    await attempt(async () => keepCalibrations({ ...(await readCalibrations()), [camera]: { floor_to_image: matrix } }));
    toast(`${camera} is kept.`);
    await drawDone();
  }
}

/** Where the picture comes from: a running job's camera, or a file. */
async function pictureSource(board, named, signal) {
  const jobs = ((await attempt(() => api.jobs(signal))) ?? []).filter((job) => LIVE.includes(job.status));
  const options = jobs.flatMap((job) => job.cameras.map(({ camera }) => [`${job.job_id}/${camera}`, `${camera} of job ${job.job_id}`]));
  const file = h("input", { class: "input file-input", type: "file", accept: "image/png,image/jpeg,image/webp", onchange: async (event) => {
    const [picked] = event.target.files;
    if (!picked) return;
    const url = URL.createObjectURL(picked);
    signal.addEventListener("abort", () => URL.revokeObjectURL(url));
    await attempt(() => board.show(url, null));
    named(picked.name.replace(/\.[^.]*$/, ""));
  } });
  const take = async (value) => {
    if (!value) return;
    const [job, camera] = value.split(/\/(.*)/);
    await attempt(async () => {
      const { cameras } = await api.floor(job, { span_s: 1 }, signal);
      await board.show(urls.still(job, camera), cameras.find((each) => each.camera === camera)?.size_px ?? null);
      named(camera);
    });
  };
  const still = select([["", options.length ? "choose" : "no job is running"], ...options], "", take, { disabled: !options.length });
  return card(null, h("div", { class: "two" }, field("Picture of a running camera", still), field("Or a picture of it", file, "In the size that the camera sends.")));
}

/** Save the kept cameras, and the floor plan if there is one, under a name. */
function askToSave(cameras, plan, changed) {
  const name = h("input", { class: "input", maxlength: 64, value: lastName, autocomplete: "off", placeholder: "hall" });
  const withPlan = h("input", { type: "checkbox", checked: true });
  openDialog({
    title: "Save on the server", focus: name,
    content: [field("Name", name, "Letters, digits, blanks, _ and -. One of the same name is replaced."),
      h("p", { class: "soft" }, `Cameras: ${Object.keys(cameras).join(", ")}.`),
      plan && h("label", { class: "check" }, withPlan, h("span", {}, "With the floor plan, for everybody who looks at the map"))].filter(Boolean),
    actions: [{ label: "Save", primary: true, act: async () => {
      const given = name.value.trim();
      if (!given) return false;
      await api.saveCalibration(given, cameras);
      if (plan && withPlan.checked) await api.savePlan(given, { blob: plan.blob, width_m: plan.width_m, left_m: plan.left_m, bottom_m: plan.bottom_m });
      lastName = given;
      toast(`${given} is saved.`, { label: "Start a job with it", act: () => { location.hash = `#/jobs/new?calibration=${encodeURIComponent(given)}`; } });
      await changed();
      return true;
    } }],
  });
}

/** What is on the server already, to be gone on with or thrown away. */
function savedList(calibrations, changed) {
  if (!calibrations.length) return null;
  return card("Saved on the server", h("ul", { class: "corrections" }, calibrations.map(({ name, cameras, plan, saved_unix_s: at }) =>
    h("li", { class: "row spread" }, h("span", {}, h("b", {}, name), h("span", { class: "soft" }, ` ${cameras.join(", ")}${plan ? ", with a floor plan" : ""}`)),
      h("span", { class: "row" }, h("small", { class: "faint" }, when(at)),
        h("button", { class: "button small", type: "button", onclick: () => attempt(async () => { await keepCalibrations(await api.calibration(name)); lastName = name; toast(`The cameras of ${name} are kept here: change them and save again.`); await changed(); }) }, icon("edit", "icon-small"), "Change"),
        h("button", { class: "button plain small only", type: "button", "aria-label": `Remove ${name}`, onclick: () => askToRemove(name, changed) }, icon("trash", "icon-small")))))));
}

const askToRemove = (name, changed) => confirmed({
  title: `Remove calibration ${name}?`, text: "Jobs that were started with it have no map any more.", label: "Remove",
  act: async () => { await api.removeCalibration(name); await changed(); },
});

function download(cameras) {
  const text = `${JSON.stringify(cameras, null, 1)}\n`;
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  h("a", { href: url, download: "calibration.json" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
