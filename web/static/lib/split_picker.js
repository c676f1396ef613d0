// Picks the picture from which on it is somebody else, in a dialog.

import { cropImage } from "./crops.js";
import { h, put } from "./dom.js";
import { counted, day, time } from "./format.js";

/** A person's pictures in order of time; `value()` is the time of the one that is chosen, or null. */
export function splitPicker(crops) {
  const inOrder = [...crops].sort((a, b) => a.unix_s - b.unix_s);
  const oneDay = new Set(inOrder.map((crop) => day(crop.unix_s))).size === 1;
  // to the second: pictures of one visit are seconds apart
  const at = ({ unix_s: unix }) => (oneDay ? time(unix) : `${day(unix)}, ${time(unix)}`);
  const told = h("p", { class: "soft split-told", role: "status" }, "Choose the first picture that shows the other.");
  let chosen = -1;
  const buttons = inOrder.map((crop, index) => h("button", {
    // before the first there is nothing that could stay
    type: "button", class: "pick-person split-picture", "aria-pressed": "false", disabled: index === 0,
    "aria-label": `${crop.camera}, ${at(crop)}`, onclick: () => choose(index),
  }, cropImage(crop.id), h("small", { class: "cut" }, crop.camera), h("small", { class: "faint" }, at(crop))));

  function choose(index) {
    chosen = index;
    buttons.forEach((button, place) => {
      button.setAttribute("aria-pressed", String(place === index));
      button.classList.toggle("new", place >= index);
    });
    put(told, `From ${at(inOrder[index])} on it is somebody new: ${counted(inOrder.length - index, "picture")} of ${inOrder.length}, and everything seen from then on.`);
  }

  return {
    node: h("div", { class: "stack tight" }, h("div", { class: "pick-people split-pictures", role: "group", "aria-label": "Pictures in order of time" }, buttons), told),
    value: () => (chosen < 0 ? null : inOrder[chosen].unix_s),
  };
}
