// The token, where the server wants one: asked for once, kept for this tab, turned into a cookie for pictures.

import { failure, send } from "./answers.js";
import { openDialog } from "./dialogs.js";
import { h, put } from "./dom.js";

const KEY = "token";
let asking = null;

/** Open a session, with the token of this tab or one asked for; many may wait for the same. */
export function shownToken() {
  asking ??= enter().finally(() => {
    asking = null;
  });
  return asking;
}

/** End the session and forget the token. */
export async function leave() {
  sessionStorage.removeItem(KEY);
  await fetch("session", { method: "DELETE" });
}

export const hasToken = () => sessionStorage.getItem(KEY) !== null;

async function enter() {
  const kept = sessionStorage.getItem(KEY);
  if (kept !== null && (await accepted(kept))) return;
  sessionStorage.removeItem(KEY);
  await prompt();
}

/** Whether that is the token; throws when the server cannot say. */
async function accepted(token) {
  // A header takes bytes only; what is none of them cannot be the token.
  if (!/^[\x21-\x7e]+$/.test(token)) return false;
  const reply = await send("session", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  if (!reply.ok && reply.status !== 401) throw await failure(reply);
  return reply.ok;
}

function prompt() {
  return new Promise((resolve) => {
    const wrong = h("p", { class: "wrong", role: "alert", id: "token-wrong" });
    const input = h("input", {
      class: "input", type: "password", id: "token", autocomplete: "current-password", required: true,
      "aria-describedby": "token-wrong",
    });
    const content = [
      h("p", { class: "soft" }, "This server answers only to those who know its token: the value of MCT_TOKEN where it was started."),
      h("div", { class: "field" }, h("label", { for: "token" }, "Token"), input, wrong),
    ];
    openDialog({
      title: "Sign in", content, stays: true, focus: input,
      actions: [{
        label: "Sign in", primary: true,
        act: async () => {
          put(wrong);
          input.removeAttribute("aria-invalid");
          const token = input.value.trim();
          if (!(await accepted(token))) {
            input.setAttribute("aria-invalid", "true");
            put(wrong, "That is not the token.");
            input.select();
            return false;
          }
          sessionStorage.setItem(KEY, token);
          resolve();
          return true;
        },
      }],
    });
  });
}
