// When a person was in view, a lane for each camera.

import { h, put } from "./dom.js";
import { lasting, mark, time } from "./format.js";

const TICKS = 4;
const LEAST_PX = 6; // a bar no narrower than this can be chosen

/**
 * Lanes of bars, one for each time in view; choosing one shows what `about` says of it.
 *
 * @param {{camera: string, intervals_unix_s: [number, number][]}[]} stays
 * @param {string} colour of the bars
 * @param {(stay: object, index: number) => HTMLElement} about
 */
export function timeline(stays, colour, about) {
  const all = stays.flatMap((stay) => stay.intervals_unix_s);
  const begin = Math.min(...all.map(([start]) => start));
  const span = Math.max(1, Math.max(...all.map(([, end]) => end)) - begin);
  const share = (unix) => `${(((unix - begin) / span) * 100).toFixed(3)}%`;
  const told = h("div", { class: "timeline-told", "aria-live": "polite" }, h("p", { class: "faint" }, "Choose a time in view to see more of it."));
  let chosen = null;

  const bar = (stay, [start, end], index) => {
    const button = h("button", {
      class: "bar", type: "button", "aria-pressed": "false", title: `${stay.camera}, ${time(start)} to ${time(end)}`,
      "aria-label": `${stay.camera}, ${time(start)}, for ${lasting(end - start)}`,
      style: { left: `min(${share(start)}, 100% - ${LEAST_PX}px)`, width: `max(${LEAST_PX}px, ${(((end - start) / span) * 100).toFixed(3)}%)`, background: colour },
      onclick: () => {
        chosen?.setAttribute("aria-pressed", "false");
        chosen = button;
        button.setAttribute("aria-pressed", "true");
        put(told, about(stay, index));
      },
    });
    return button;
  };
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => begin + (span * index) / TICKS);
  return h("div", { class: "timeline" },
    stays.map((stay) => [h("span", { class: "lane-name cut", title: stay.camera }, stay.camera),
      h("div", { class: "lane" }, stay.intervals_unix_s.map((interval, index) => bar(stay, interval, index)))]),
    h("span"), h("div", { class: "ticks", "aria-hidden": "true" }, ticks.map((unix) => h("span", {}, mark(unix, span / TICKS)))), told);
}
