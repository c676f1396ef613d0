// The page: which view is shown, the rail of pages, the keys. A view is a module with `mount(root, context)`.

import { attempt, openDialog } from "./lib/dialogs.js";
import { h, put } from "./lib/dom.js";
import { icon } from "./lib/icons.js";
import { errorState } from "./lib/parts.js";
import { every } from "./lib/poll.js";
import { api } from "./lib/api.js";
import { nextTheme, themeSign } from "./lib/themes.js";

const PAGES = [
  ["live", "Live", "live"], ["jobs", "Jobs", "jobs"], ["people", "People", "people"],
  ["map", "Map", "map"], ["events", "Events", "events"], ["system", "System", "system"],
];
/** Which module shows an address; the first that fits. */
const ROUTES = [
  [/^\/live(?:\/([^/]+))?(?:\/([^/]+))?$/, "live"],
  [/^\/jobs$/, "jobs"],
  [/^\/jobs\/new$/, "start"],
  [/^\/jobs\/([^/]+)$/, "job"],
  [/^\/people$/, "people"],
  [/^\/people\/(\d+)$/, "person"],
  [/^\/map$/, "map"],
  [/^\/map\/calibrate$/, "calibrate"],
  [/^\/events$/, "events"],
  [/^\/system$/, "system"],
];
const KEYS = [
  ["g then l, j, p, m, e, s", "go to Live, Jobs, People, Map, Events, System"],
  ["n", "start a job"],
  ["/", "search people"],
  ["1 … 9, 0", "on Live: one camera, all cameras"],
  ["f", "on Live: whole screen"],
  ["← ↑ ↓ →", "on People: from person to person"],
  ["t", "change the theme"],
  ["?", "these keys"],
];

const main = document.getElementById("main");
let leaveView = new AbortController();
let opened = false;

async function show() {
  leaveView.abort();
  leaveView = new AbortController();
  const { signal } = leaveView;
  const [address, query = ""] = location.hash.slice(1).split("?");
  const [route, name] = ROUTES.map(([pattern, view]) => [pattern.exec(address), view]).find(([found]) => found) ?? [];
  if (!route) {
    location.replace("#/live");
    return;
  }
  mark(address);
  // At once, so that a slow server is not taken for a click that went nowhere; the view puts itself in place of it.
  const root = h("div", { class: "page" }, h("div", { class: "bones late" }));
  put(main, root);
  try {
    const view = await import(`./pages/${name}.js`);
    if (signal.aborted) return;
    const parameters = route.slice(1).map((part) => part && decodeURIComponent(part));
    document.title = `${view.title} · Multi-camera person tracker`;
    await view.mount(root, { signal, parameters, query: new URLSearchParams(query) });
    if (opened) main.querySelector("h1")?.focus({ preventScroll: true });
    opened = true;
    scrollTo(0, 0);
  } catch (error) {
    if (!signal.aborted) put(main, h("div", { class: "page" }, errorState(error, show)));
  }
}

function mark(address) {
  const current = address.split("/")[1];
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.dataset.page === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function drawRail() {
  const theme = h("button", { class: "button plain only", type: "button" });
  const drawTheme = () => {
    const [sign, text] = themeSign();
    theme.setAttribute("aria-label", text);
    theme.title = text;
    put(theme, icon(sign));
  };
  theme.addEventListener("click", () => { nextTheme(); drawTheme(); });
  drawTheme();
  put(document.getElementById("nav"), PAGES.map(([page, text, sign]) =>
    h("a", { href: `#/${page}`, data: { page } }, icon(sign), h("span", {}, text))));
  put(document.getElementById("side-foot"),
    h("a", { class: "link", href: "docs" }, "API"),
    h("button", { class: "button plain only", type: "button", "aria-label": "Keys", title: "Keys (?)", onclick: showKeys }, icon("keyboard")),
    theme);
  return () => theme.click();
}

function showKeys() {
  openDialog({ title: "Keys", content: [h("div", { class: "keys" }, KEYS.map(([keys, what]) => [h("kbd", {}, keys), h("span", {}, what)]))] });
}

function listenToKeys(changeTheme) {
  let afterG = 0;
  const single = { n: () => go("#/jobs/new"), "?": showKeys, t: changeTheme, "/": () => searchPeople() };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea")) return;
    const page = PAGES.find(([name]) => name[0] === event.key);
    if (page && Date.now() - afterG < 1200) go(`#/${page[0]}`);
    else if (single[event.key]) single[event.key]();
    else if (event.key !== "g") return;
    afterG = event.key === "g" ? Date.now() : 0;
    event.preventDefault();
  });
}

function go(hash) {
  location.hash = hash;
}

function searchPeople() {
  const box = document.getElementById("people-search");
  if (box) box.focus();
  else go("#/people?focus=search");
}

/** How many jobs run, beside the rail's word for them. */
function countJobs() {
  every(5000, async (signal) => {
    const { running, queued } = await api.health(signal);
    const link = document.querySelector('#nav a[data-page="jobs"]');
    link.querySelector(".count")?.remove();
    if (running + queued) link.append(h("span", { class: "count", title: "running or waiting" }, running + queued));
  }, new AbortController().signal);
}

listenToKeys(drawRail());
addEventListener("hashchange", show);
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
attempt(show);
countJobs();
