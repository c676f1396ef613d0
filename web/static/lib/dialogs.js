// What lies above the page: dialogs and short messages.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const TOAST_MS = 6000;
let serial = 0;

/**
 * A modal dialog. An action that returns false, or a promise of it, keeps it open.
 *
 * @param {{title: string, content: (Node|string)[], actions?: {label: string, primary?: boolean, danger?: boolean,
 *   act: () => unknown}[], stays?: boolean, focus?: HTMLElement, onclose?: () => void}} what
 * @returns {() => void} closes it
 */
export function openDialog({ title, content, actions = [], stays = false, focus = null, onclose = null }) {
  const id = `dialog-${++serial}`;
  const error = h("div", { class: "note bad", role: "alert", hidden: true });
  const shut = () => dialog.close();
  const buttons = actions.map((action, index) => {
    const kind = `button ${action.primary ? "primary" : ""} ${action.danger ? "danger" : ""}`;
    const submits = action.primary && index === actions.length - 1;
    return h("button", { class: kind, type: submits ? "submit" : "button", onclick: submits ? null : () => run(action) }, action.label);
  });

  async function run(action) {
    error.hidden = true;
    for (const button of buttons) button.disabled = true;
    try {
      if ((await action.act()) !== false) shut();
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  const last = actions.at(-1);
  const dialog = h(
    "dialog", { "aria-labelledby": id },
    h("form", { method: "dialog", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      if (last?.primary) run(last);
    } },
      h("header", {}, h("h2", { id }, title),
        !stays && h("button", { class: "button plain only small", type: "button", "aria-label": "Close", onclick: shut }, icon("close"))),
      h("div", { class: "content" }, ...content, error),
      actions.length > 0 && h("footer", {},
        !stays && h("button", { class: "button plain", type: "button", onclick: shut }, "Cancel"), ...buttons)),
  );
  dialog.addEventListener("cancel", (event) => stays && event.preventDefault());
  dialog.addEventListener("click", (event) => !stays && event.target === dialog && shut());
  dialog.addEventListener("close", () => {
    dialog.remove();
    onclose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  focus?.focus();
  return shut;
}

/** Ask before something that cannot be undone. */
export function confirmed({ title, text, label, danger = true, act, more = [] }) {
  openDialog({ title, content: [h("p", { class: "soft" }, text), ...more], actions: [{ label, primary: true, danger, act }] });
}

/** Say something for some seconds, with something to do about it if there is. */
export function toast(text, { label = null, act = null } = {}) {
  const box = h("div", { class: "toast" }, h("span", { class: "grow" }, text),
    label && h("button", { type: "button", onclick: () => { box.remove(); act(); } }, label),
    h("button", { type: "button", "aria-label": "Dismiss", onclick: () => box.remove() }, icon("close", "icon-small")));
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), TOAST_MS);
}

/** Do something, and say it when it fails. */
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message);
    return undefined;
  }
}
