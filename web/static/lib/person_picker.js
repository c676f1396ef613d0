// Picks somebody by number, name or picture, in a dialog.

import { api } from "./api.js";
import { cropImage } from "./crops.js";
import { h, put } from "./dom.js";
import { personPlate } from "./palette.js";

const SHOWN = 12;
const TYPING_MS = 200;

/** A search box and those it finds; `value()` is who is chosen, or null. */
export function personPicker(except) {
  let chosen = null;
  let timer = 0;
  const list = h("div", { class: "pick-people", role: "group", "aria-label": "Who" });
  const input = h("input", { class: "input", type: "search", placeholder: "Name or number", "aria-label": "Search by name or number", autocomplete: "off" });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, TYPING_MS);
  });

  async function find() {
    try {
      const { items } = await api.people({ search: input.value.trim(), limit: SHOWN + 1 });
      const others = items.filter((person) => person.id !== except).slice(0, SHOWN);
      put(list, others.length ? others.map(choice) : h("p", { class: "soft" }, "Nobody found."));
    } catch (error) {
      put(list, h("p", { class: "wrong", role: "alert" }, error.message));
    }
  }

  function choice(person) {
    return h("button", { type: "button", class: "pick-person", "aria-pressed": String(person.id === chosen), "aria-label": `Person ${person.name ?? person.id}`, onclick: (event) => {
      chosen = person.id;
      for (const other of list.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
    } }, person.crop ? cropImage(person.crop.id) : h("span", { class: "pick-none" }), personPlate(person.id), h("small", { class: "cut" }, person.name ?? ""));
  }

  find();
  return { node: h("div", { class: "stack tight" }, input, list), focus: input, value: () => chosen };
}
