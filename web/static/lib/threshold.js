// A threshold in a form: automatic, or a number from 0 to 1.

import { h } from "./dom.js";

/**
 * @param {string} name of the request's field
 * @param {string} label for people
 * @param {number} usual where the slider stands when it is switched on
 * @param {string} help what it does
 */
export function threshold(name, label, usual, help) {
  const slider = h("input", { type: "range", id: `threshold-${name}`, min: 0, max: 1, step: 0.01, value: usual, disabled: true, "aria-describedby": `${name}-help` });
  const shown = h("output", { for: slider.id });
  const auto = h("input", { type: "checkbox", checked: true });
  const draw = () => {
    slider.disabled = auto.checked;
    shown.textContent = auto.checked ? "" : Number(slider.value).toFixed(2);
  };
  slider.addEventListener("input", draw);
  auto.addEventListener("change", draw);
  return {
    name,
    node: h("div", { class: "field" }, h("label", { for: slider.id }, label),
      h("div", { class: "threshold" }, slider, shown, h("label", { class: "check" }, auto, h("span", {}, "Automatic", h("span", { class: "unseen" }, ` ${label.toLowerCase()}`)))),
      h("span", { class: "help", id: `${name}-help` }, help)),
    value: () => (auto.checked ? null : Number(slider.value)),
  };
}
