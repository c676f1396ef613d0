// A dialog that shows the folders of the server that jobs may read from.

import { api } from "./api.js";
import { openDialog } from "./dialogs.js";
import { h, put } from "./dom.js";
import { bytes, counted } from "./format.js";
import { icon } from "./icons.js";
import { emptyState, errorState } from "./parts.js";

/**
 * Let somebody pick files of the server.
 *
 * @param {{title: string, kind: "video" | "json", several?: boolean, picked: (paths: string[]) => void}} what
 */
export function pickFile({ title, kind, several = false, picked }) {
  const chosen = new Set();
  const where = h("span", { class: "grow cut faint mono" });
  const up = h("button", { class: "button small", type: "button", "aria-label": "The folder around this one" }, icon("up", "icon-small"), "Up");
  const list = h("div", { class: "files" });
  const tally = h("p", { class: "faint", role: "status" });
  const say = () => put(tally, chosen.size ? `${counted(chosen.size, "file")} picked` : several ? "Pick one file for each camera." : "Pick a file.");

  async function open(folder) {
    put(list, h("div", { class: "bones" }));
    try {
      const found = await api.inputs(folder);
      put(where, found.folder ?? "");
      up.disabled = found.parent === null;
      up.onclick = () => open(found.parent);
      const shown = found.entries.filter((entry) => entry.kind === "folder" || entry.kind === kind);
      put(list, shown.length ? shown.map(row) : emptyState("folder", "Nothing to pick here", kind === "video" ? "There are no videos in this folder." : "There are no JSON files in this folder."),
        found.more && h("p", { class: "faint files-more" }, "There is more than can be shown; type the path instead."));
    } catch (error) {
      put(list, errorState(error, () => open(null)));
    }
  }

  function row(entry) {
    const folder = entry.kind === "folder";
    const button = h("button", { type: "button", "aria-pressed": folder ? null : String(chosen.has(entry.path)), onclick: () => (folder ? open(entry.path) : choose(entry.path, button)) },
      icon(folder ? "folder" : kind === "video" ? "film" : "map"), h("span", { class: "grow cut" }, entry.name),
      folder ? icon("chevron", "icon-small") : h("span", { class: "faint" }, bytes(entry.bytes)));
    return button;
  }

  function choose(path, button) {
    if (!several) {
      chosen.clear();
      for (const other of list.querySelectorAll("[aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
    }
    if (!chosen.delete(path)) chosen.add(path);
    button.setAttribute("aria-pressed", String(chosen.has(path)));
    say();
  }

  say();
  openDialog({
    title, content: [h("div", { class: "row" }, up, where), list, tally],
    actions: [{ label: several ? "Add" : "Choose", primary: true, act: () => {
      if (chosen.size) picked([...chosen]);
      return chosen.size > 0;
    } }],
  });
  open(null);
}
