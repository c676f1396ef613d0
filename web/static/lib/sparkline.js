// A small line of what a figure was lately.

import { h, put, s } from "./dom.js";

const [WIDTH, HEIGHT] = [400, 72];

/** A line that is drawn anew with every value; starts at nothing, ends at the largest. */
export function sparkline() {
  const now = h("strong", { class: "spark-now" });
  const line = s("path", { class: "spark-line" });
  const area = s("path", { class: "spark-area" });
  const node = h("div", { class: "spark" }, now, s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" }, area, line));
  return {
    node,
    draw: (values, text) => {
      put(now, text);
      if (values.length < 2) return;
      const most = Math.max(...values) * 1.1 || 1;
      const points = values.map((value, index) => `${(index * WIDTH) / (values.length - 1)},${(HEIGHT - (value / most) * HEIGHT).toFixed(1)}`);
      line.setAttribute("d", `M${points.join("L")}`);
      area.setAttribute("d", `M0,${HEIGHT}L${points.join("L")}L${WIDTH},${HEIGHT}Z`);
    },
  };
}
