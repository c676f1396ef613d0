// The floor plan behind the map: a picture of this computer, and where it lies.

import { api } from "./api.js";
import { attempt, openDialog } from "./dialogs.js";
import { h, put } from "./dom.js";
import { field } from "./parts.js";
import { dropPlan, keepPlan, readPlan } from "./plan_store.js";

/** The plan of this browser with an address for its picture and its height in metres; null when there is none. */
export async function loadPlan(signal) {
  const plan = await readPlan();
  return plan ? shown(plan, signal) : null;
}

/** The plan that was saved with a calibration, likewise. */
export async function loadSavedPlan(name, signal) {
  const saved = (await api.calibrations(signal)).find((each) => each.name === name);
  return saved?.plan ? shown({ ...saved.plan, blob: await api.plan(name, signal) }, signal) : null;
}

async function shown(plan, signal) {
  const url = URL.createObjectURL(plan.blob);
  signal.addEventListener("abort", () => URL.revokeObjectURL(url));
  const shape = await createImageBitmap(plan.blob);
  return { ...plan, url, height_m: (plan.width_m * shape.height) / shape.width };
}

/** Ask for a plan and where it lies; `changed` is called when it is another one. */
export async function askForPlan(changed) {
  const before = await attempt(readPlan);
  let blob = before?.blob ?? null;
  const name = h("p", { class: "faint" }, blob ? "A plan is shown." : "No plan yet.");
  const file = h("input", { class: "input file-input", type: "file", accept: "image/png,image/jpeg,image/webp" });
  file.addEventListener("change", () => { blob = file.files[0] ?? blob; });
  const number = (value) => h("input", { class: "input", type: "number", step: "any", value });
  const [width, left, bottom] = [number(before?.width_m ?? 20), number(before?.left_m ?? 0), number(before?.bottom_m ?? 0)];
  const wrong = h("p", { class: "wrong", role: "alert" });
  openDialog({
    title: "Floor plan", content: [
      field("Picture", file, "PNG, JPEG or WebP. It stays in this browser until you save it with a calibration."), name,
      field("Width of the picture in metres", width),
      h("div", { class: "two" }, field("Left edge at x (m)", left), field("Lower edge at y (m)", bottom)), wrong],
    actions: [
      ...(blob ? [{ label: "Remove", danger: true, act: async () => { await dropPlan(); changed(); } }] : []),
      { label: "Show", primary: true, act: async () => {
        if (!blob || !(Number(width.value) > 0)) {
          put(wrong, blob ? "The width has to be more than 0 m." : "Choose a picture.");
          return false;
        }
        await createImageBitmap(blob).catch(() => { throw new Error("This file is no picture that the browser can show."); });
        await keepPlan({ blob, width_m: Number(width.value), left_m: Number(left.value), bottom_m: Number(bottom.value) });
        changed();
        return true;
      } },
    ],
  });
}
