// The floor from above, in metres: x to the right, y up.

import { h, put, s } from "./dom.js";
import { colourOf, inkOn } from "./palette.js";

const LEAST_SPAN_M = 6;
const MARGIN = 0.06;
const STEPS_M = [1, 2, 5, 10, 20, 50];
const MOST_LINES = 40;

/** A drawing of the floor that fits what it is given. `toFloor(event)` says where on the floor a click was. */
export function floorView(label) {
  const picture = s("image", { preserveAspectRatio: "none" });
  const [grid, seen, trails, cameras, marks] = ["grid", "seen", "trails", "cameras", "marks"].map((name) => s("g", { class: `floor-${name}` }));
  const node = s("svg", { class: "floor", role: "img", "aria-label": label }, picture, grid, seen, trails, cameras, marks);
  const scale = h("span", { class: "floor-scale faint" });
  let unit = 1;

  /** Choose what is in sight: places are `[x, y]` in metres. To be called again when the drawing changes its size. */
  function fit(places, plan) {
    const [across, down] = [Math.max(1, node.clientWidth), Math.max(1, node.clientHeight)];
    const aspect = across / down;
    const all = [...places, ...(plan ? [[plan.left_m, plan.bottom_m], [plan.left_m + plan.width_m, plan.bottom_m + plan.height_m]] : [])];
    const box = all.length ? bounds(all) : [-LEAST_SPAN_M / 2, -LEAST_SPAN_M / 2, LEAST_SPAN_M / 2, LEAST_SPAN_M / 2];
    let [width, height] = [Math.max(LEAST_SPAN_M, box[2] - box[0]) * (1 + 2 * MARGIN), Math.max(LEAST_SPAN_M, box[3] - box[1]) * (1 + 2 * MARGIN)];
    if (width / height < aspect) width = height * aspect;
    else height = width / aspect;
    const [left, bottom] = [(box[0] + box[2] - width) / 2, (box[1] + box[3] - height) / 2];
    unit = width / across;
    node.setAttribute("viewBox", `${left} ${-bottom - height} ${width} ${height}`);
    drawGrid([left, bottom, left + width, bottom + height]);
    drawPlan(plan);
  }

  function drawGrid([left, bottom, right, top]) {
    const step = STEPS_M.find((each) => Math.max(right - left, top - bottom) / each <= MOST_LINES) ?? 100;
    const lines = [];
    for (let x = Math.ceil(left / step) * step; x <= right; x += step) lines.push(s("line", { x1: x, x2: x, y1: -bottom, y2: -top, class: x === 0 ? "axis" : null }));
    for (let y = Math.ceil(bottom / step) * step; y <= top; y += step) lines.push(s("line", { x1: left, x2: right, y1: -y, y2: -y, class: y === 0 ? "axis" : null }));
    put(grid, lines);
    scale.textContent = `one square is ${step} m`;
  }

  function drawPlan(plan) {
    if (!plan) {
      picture.removeAttribute("href");
      return;
    }
    const values = { href: plan.url, x: plan.left_m, y: -plan.bottom_m - plan.height_m, width: plan.width_m, height: plan.height_m };
    for (const [name, value] of Object.entries(values)) picture.setAttribute(name, value);
  }

  function drawCameras(list) {
    put(seen, list.filter((camera) => camera.seen_m.length > 2).map((camera) => s("polygon", { points: camera.seen_m.map(([x, y]) => `${x},${-y}`).join(" ") })));
    put(cameras, list.filter((camera) => camera.place_m).map(({ camera, place_m: [x, y] }) => s("g", { transform: `translate(${x} ${-y}) scale(${unit})` },
      s("rect", { x: -7, y: -7, width: 14, height: 14, rx: 4 }), s("text", { y: -13 }, camera))));
  }

  /** `people`: `{id, lines: [[[time, x, y]…]…], last: [time, x, y], here: boolean}`. */
  function drawPeople(people) {
    put(trails, people.map(({ id, lines }) => lines.map((points) => s("polyline", { points: points.map(([, x, y]) => `${x},${-y}`).join(" "), style: { stroke: colourOf(id) } }))),
      people.filter(({ here }) => here).map(({ id, last: [, x, y] }) => s("a", { href: `#/people/${id}`, "aria-label": `Person ${id}` },
        s("g", { transform: `translate(${x} ${-y}) scale(${unit})` }, s("circle", { r: 13, style: { fill: colourOf(id) } }), s("text", { class: "who", y: 4.5, style: { fill: inkOn(id) } }, id)))));
  }

  /** Numbered points, for calibrating. */
  const drawMarks = (points) => put(marks, points.map(({ at: [x, y], name, chosen }) => s("g", { transform: `translate(${x} ${-y}) scale(${unit})`, class: chosen ? "chosen" : null },
    s("circle", { r: 12 }), s("text", { y: 5 }, name))));

  function toFloor(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(node.getScreenCTM().inverse());
    return [point.x, -point.y];
  }
  return { node, scale, fit, drawCameras, drawPeople, drawMarks, toFloor };
}

const bounds = (places) => [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y)), Math.max(...places.map(([x]) => x)), Math.max(...places.map(([, y]) => y))];
