"use strict";
// Runs before anything is painted, so that a chosen theme does not flash in from the other one.
const chosen = localStorage.getItem("theme");
if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
