// A camera's picture with numbered points on it, and the floor drawn over it as a grid.

import { h, put, s } from "./dom.js";
import { project } from "./homography.js";

const AROUND_M = 12;

/** `placed` is told the pixel of a click, in pixels of the camera's own picture. */
export function pictureBoard(placed) {
  const picture = h("img", { alt: "The camera's picture; click points of the floor", hidden: true });
  const drawing = s("svg", { class: "board-drawing", "aria-hidden": "true" });
  const wait = h("p", { class: "board-wait" }, "Choose a picture above.");
  const node = h("div", { class: "board" }, picture, drawing, wait);
  let size = [1, 1];
  let shown = false;

  node.addEventListener("click", (event) => {
    if (!shown) return;
    const box = picture.getBoundingClientRect();
    placed([((event.clientX - box.left) / box.width) * size[0], ((event.clientY - box.top) / box.height) * size[1]]);
  });

  /** Show a picture; `size_px` is the camera's own size where the picture is scaled. */
  async function show(url, size_px) {
    picture.src = url;
    picture.hidden = false;
    await picture.decode().catch(() => { throw new Error("There is no picture to be had of this; try again, or choose a file."); });
    size = size_px ?? [picture.naturalWidth, picture.naturalHeight];
    drawing.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    shown = true;
    wait.hidden = true;
  }

  function draw(points, chosen, matrix) {
    const unit = size[0] / 960;
    put(drawing, matrix && shown && gridLines(matrix, points),
      points.map(({ pixel: [x, y] }, index) => s("g", { transform: `translate(${x} ${y}) scale(${unit})`, class: index === chosen ? "chosen" : null },
        s("circle", { r: 12 }), s("text", { y: 5 }, index + 1))));
  }

  /** The floor in squares of a metre, around the points that were placed; only what is before the camera. */
  function gridLines(matrix, points) {
    const places = points.filter((point) => point.floor).map((point) => point.floor);
    const side = Math.sign(project(matrix, places[0])?.[2] ?? 1);
    const [left, right, low, high] = [Math.min(...places.map(([x]) => x)), Math.max(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y)), Math.max(...places.map(([, y]) => y))].map((value, index) => Math.round(value + (index % 2 ? 1 : -1) * AROUND_M / 4));
    const lines = [];
    const line = (from, to) => {
      const path = [];
      for (let step = 0; step <= 40; step += 1) {
        const seen = project(matrix, [from[0] + ((to[0] - from[0]) * step) / 40, from[1] + ((to[1] - from[1]) * step) / 40]);
        if (seen && Math.sign(seen[2]) === side && Math.abs(seen[0]) < 4 * size[0] && Math.abs(seen[1]) < 4 * size[1]) path.push(`${seen[0].toFixed(1)},${seen[1].toFixed(1)}`);
      }
      if (path.length > 1) lines.push(s("polyline", { points: path.join(" ") }));
    };
    for (let x = left; x <= right; x += 1) line([x, low], [x, high]);
    for (let y = low; y <= high; y += 1) line([left, y], [right, y]);
    return lines;
  }

  return { node, show, draw, size: () => size };
}
