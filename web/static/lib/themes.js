// Light, dark, or as the system says; `theme.js` sets it before the first paint.

const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGNS = { auto: ["auto", "Theme: as the system"], light: ["sun", "Theme: light"], dark: ["moon", "Theme: dark"] };

const current = () => document.documentElement.dataset.theme ?? "auto";

/** The icon of the theme that is on, and its name. */
export const themeSign = () => SIGNS[current()];

/** Turn to the next theme and keep it for this browser. */
export function nextTheme() {
  const theme = NEXT[current()];
  if (theme === "auto") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("theme");
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
  }
}
