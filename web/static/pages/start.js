// The form that starts a job.

import { api } from "../lib/api.js";
import { attempt } from "../lib/dialogs.js";
import { h, put } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { pickFile } from "../lib/file_picker.js";
import { card, field, note, pageHead, select } from "../lib/parts.js";
import { threshold } from "../lib/threshold.js";

export const title = "Start a job";

const ADDRESS = /^(rtsps?|https?):\/\/\S+$|^webcam:\d{1,3}$|^\d{1,3}$/i;
const THRESHOLDS = [
  ["conf", "Confidence", 0.3, "Boxes of which the detector is less sure are dropped. Lower finds people who are small or half hidden, and more that are none."],
  ["iou_thresh", "Overlap", 0.3, "How much a box must overlap with where its track is expected. Lower follows fast people and low frame rates; higher keeps close people apart."],
  ["cos_thresh", "Likeness", 0.8, "How alike two looks must be to be one person. Higher splits rather than merges. Without it the program measures what is usual for each camera, which is usually better."],
];

export async function mount(root, { signal, query }) {
  root.classList.add("narrow");
  const inputs = inputList(await namedCameras(signal));
  const settings = THRESHOLDS.map((each) => threshold(...each));
  const output = text({ placeholder: "none", autocomplete: "off", spellcheck: "false" });
  const results = text({ placeholder: "a folder of its own", autocomplete: "off", spellcheck: "false" });
  const more = moreOptions(await savedCalibrations(signal), query.get("calibration"));
  const problem = h("div", { "aria-live": "assertive" });
  const start = h("button", { class: "button primary", type: "submit" }, icon("play", "icon-small"), "Start");

  const form = h("form", { class: "stack", novalidate: true, onsubmit: submit },
    card("Cameras", inputs.node),
    card("Output", h("div", { class: "stack" }, h("p", { class: "soft" }, "Records of who was where are always written. Paths are on the server."),
      h("div", { class: "two" },
        field("Annotated video", output, "A file that ends in .mp4 or .avi, with boxes and numbers drawn in."),
        field("Folder of records", results, "Left empty, a folder named after the job.")))),
    card("Thresholds", h("div", { class: "stack thresholds" }, h("p", { class: "soft" }, "Left at automatic, the program decides from what it sees."), settings.map(({ node }) => node))),
    more.node, problem,
    h("div", { class: "submit-bar" }, h("a", { class: "button", href: "#/jobs" }, "Cancel"), start));
  put(root, h("nav", { class: "crumb", "aria-label": "Where you are" }, h("a", { href: "#/jobs" }, "Jobs"), icon("chevron", "icon-small"), "New"),
    pageHead("Start a job"), form);

  async function submit(event) {
    event.preventDefault();
    if (!inputs.finish()) return;
    put(problem);
    start.disabled = true;
    try {
      const { job_id: jobId } = await api.start(request());
      if (!signal.aborted) location.hash = `#/live/${jobId}`;
    } catch (error) {
      put(problem, note(h("span", {}, error.message, " ", error.code && h("code", {}, error.code)), "bad"));
      problem.scrollIntoView({ block: "nearest" });
    } finally {
      start.disabled = false;
    }
  }

  function request() {
    const given = { ...inputs.values(), output: output.value.trim(), results: results.value.trim(), ...more.values() };
    for (const setting of settings) given[setting.name] = setting.value();
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== "" && value !== false));
  }
}

const text = (properties) => h("input", { class: "input", type: "text", ...properties });

/** Those that the operator has named; none where there is no list of them. */
async function namedCameras(signal) {
  try {
    return await api.cameras(signal);
  } catch {
    return [];
  }
}

/** Those that were made on the page. */
async function savedCalibrations(signal) {
  return (await attempt(() => api.calibrations(signal))) ?? [];
}

/** The recordings and cameras of the job, in order; or some of the cameras that have names. */
function inputList(cameras) {
  const chosen = [];
  const named = new Set();
  const list = h("ul", { class: "pick" });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const address = text({ placeholder: "rtsp://10.0.0.7/stream1", spellcheck: "false", autocomplete: "off", inputmode: "url" });

  function draw() {
    put(list, chosen.map((name, index) => h("li", {}, icon(ADDRESS.test(name) ? "live" : "film"),
      h("span", { class: "grow cut mono", title: name }, name.replace(/\/\/[^@/]*@/, "//***@")),
      h("button", { class: "button plain small only", type: "button", "aria-label": `Move ${name} up`, disabled: index === 0, onclick: () => move(index) }, icon("up", "icon-small")),
      h("button", { class: "button plain small only", type: "button", "aria-label": `Remove ${name}`, onclick: () => remove(index) }, icon("close", "icon-small")))));
    list.hidden = !chosen.length;
  }
  function add(names) {
    for (const name of names) if (!chosen.includes(name)) chosen.push(name);
    put(wrong);
    draw();
  }
  function move(index) {
    chosen.splice(index - 1, 0, ...chosen.splice(index, 1));
    draw();
  }
  function remove(index) {
    chosen.splice(index, 1);
    draw();
  }
  function addAddress() {
    const value = address.value.trim();
    if (!value) return true;
    if (!ADDRESS.test(value)) {
      put(wrong, "An address begins with rtsp://, rtsps://, http:// or https://; a webcam is webcam:0. Files are picked above.");
      address.setAttribute("aria-invalid", "true");
      address.focus();
      return false;
    }
    address.removeAttribute("aria-invalid");
    address.value = "";
    add([value]);
    return true;
  }
  address.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      addAddress();
    }
  });
  const files = h("button", { class: "button", type: "button", onclick: () => pickFile({ title: "Pick recordings", kind: "video", several: true, picked: add }) }, icon("folder", "icon-small"), "Pick recordings on the server");
  draw();
  return {
    node: h("div", { class: "stack" }, cameras.length > 0 && namedList(cameras, named), list, h("div", { class: "row" }, files),
      h("div", { class: "add-address" }, field("Or the address of a camera", address, "RTSP, MJPEG or HLS. Cameras that need a password are best named in cameras.toml, which keeps it out of here."),
        h("button", { class: "button add-button", type: "button", onclick: addAddress }, "Add")), wrong),
    values: () => (named.size ? { cameras: [...named] } : { videos: chosen }),
    finish: () => {
      if (!addAddress()) return false;
      if (named.size && chosen.length) put(wrong, "Take either cameras by name, or recordings and addresses.");
      if (named.size) return !chosen.length;
      const enough = chosen.length > 1 || (chosen.length === 1 && ADDRESS.test(chosen[0]));
      if (!enough) {
        put(wrong, "Pick at least two recordings, or one camera.");
        files.focus();
      }
      return enough;
    },
  };
}

/** The cameras that have names, to be switched on. */
const namedList = (cameras, named) => h("div", { class: "row", role: "group", "aria-label": "Cameras by name" }, cameras.map((camera) =>
  h("button", { class: "button", type: "button", "aria-pressed": "false", title: camera.source, onclick: (event) => {
    if (!named.delete(camera.id)) named.add(camera.id);
    event.currentTarget.setAttribute("aria-pressed", String(named.has(camera.id)));
  } }, icon("live", "icon-small"), camera.name || camera.id)));

/** What is seldom needed. */
function moreOptions(saved, wanted) {
  const calibration = calibrationChoice(saved, wanted);
  const stride = text({ type: "number", min: 1, max: 100, placeholder: "1", inputmode: "numeric" });
  const seconds = text({ type: "number", min: 0, step: "any", placeholder: "to the end", inputmode: "decimal" });
  const device = select([["", "Automatic"], ["cpu", "CPU"], ["cuda", "GPU (CUDA)"]], "", () => {});
  const topView = h("input", { type: "checkbox" });
  const overwrite = h("input", { type: "checkbox" });
  const realtime = h("input", { type: "checkbox" });
  const numberIn = (input) => (input.value === "" ? null : Number(input.value));
  return {
    node: h("details", { class: "card more", open: wanted !== null }, h("summary", { class: "card-body" }, icon("chevron"), "More options"),
      h("div", { class: "card-body stack" },
        h("div", { class: "two" },
          calibration.node,
          field("Devices for the networks", device, "Automatic takes a GPU where there is one."),
          field("Look in every nth round", stride, "2 or 3 save time where little happens."),
          field("Stop after (seconds of video)", seconds)),
        h("label", { class: "check" }, topView, h("span", {}, "Add a map of the floor to the annotated video (needs a calibration)")),
        h("label", { class: "check" }, realtime, h("span", {}, "Read recordings at their own rate, as if they were cameras")),
        h("label", { class: "check" }, overwrite, h("span", {}, "Replace outputs that exist")))),
    values: () => ({
      calibration: calibration.value(), stride: numberIn(stride), max_seconds: numberIn(seconds), device: device.value,
      top_view: topView.checked, realtime: realtime.checked, overwrite: overwrite.checked,
    }),
  };
}

const FILE = " a file"; // no saved one has a name like this

/** A calibration that was saved, or a file that the server may read. */
function calibrationChoice(saved, wanted) {
  const file = text({ placeholder: "in/calibration.json", spellcheck: "false", autocomplete: "off" });
  const pick = h("button", { class: "button", type: "button", onclick: () => pickFile({ title: "Pick a calibration", kind: "json", picked: ([name]) => { file.value = name; } }) }, "Pick");
  const row = h("div", { class: "add-address", hidden: true }, field("Calibration file", file), h("div", { class: "add-button" }, pick));
  const options = [["", "None"], ...saved.map(({ name, cameras }) => [name, `${name} (${cameras.join(", ")})`]), [FILE, "A file on the server…"]];
  const choice = select(options, saved.some(({ name }) => name === wanted) ? wanted : "", (value) => {
    row.hidden = value !== FILE;
    if (value === FILE) file.focus();
  });
  return {
    node: h("div", { class: "stack tight" }, field("Calibration", choice, h("span", {}, "How each camera sees the floor. ", h("a", { href: "#/map/calibrate" }, "Make one"), ".")), row),
    value: () => (choice.value === FILE ? file.value.trim() : saved.find(({ name }) => name === choice.value)?.path ?? ""),
  };
}
