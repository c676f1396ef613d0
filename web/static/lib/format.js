// Numbers and times for people.

const COUNT = new Intl.NumberFormat("en");
const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short" });
const TIME = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const TENTH = new Intl.DateTimeFormat("en", { minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1 });
const MINUTE = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 12345 → 12,345. */
export const count = (number) => COUNT.format(number);

/** 1 person, 2 people. */
export const counted = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** Media time: 75.2 → 1:15; 3675 → 1:01:15. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How long something takes: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min. */
export function lasting(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** 1536 → 1.5 kB. */
export function bytes(number) {
  let unit = 0;
  while (number >= 1000 && unit < UNITS.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${unit && number < 100 ? number.toFixed(1) : Math.round(number)} ${UNITS[unit]}`;
}

/** Seconds of the wall clock, or an ISO date, as a Date. */
export const moment = (value) => new Date(typeof value === "number" ? value * 1000 : value);

export const time = (value) => TIME.format(moment(value));
/** A time on a scale whose marks are so many seconds apart: no two marks read the same. */
export const mark = (value, step) => (step < 1 ? TENTH : TIME).format(moment(value));
export const minute = (value) => MINUTE.format(moment(value));
export const day = (value) => DAY.format(moment(value));

/** Today only the time, else the day as well. */
export function when(value) {
  const date = moment(value);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return TIME.format(date);
  return `${(date.getFullYear() === now.getFullYear() ? SHORT_DAY : DAY).format(date)}, ${MINUTE.format(date)}`;
}

/** How long ago: just now, 40 s ago, 5 min ago, 3 h ago, else the day. */
export function ago(value, now = Date.now()) {
  const seconds = (now - moment(value).getTime()) / 1000;
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.round(seconds)} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return when(value);
}
