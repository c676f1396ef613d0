// Reads the text that Prometheus reads.

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Samples by name; `one` the first of a name, `sum` all of it with these labels. */
export function readMetrics(text) {
  const samples = new Map();
  for (const line of text.split("\n")) {
    const found = line.startsWith("#") ? null : LINE.exec(line);
    if (!found) continue;
    const labels = Object.fromEntries([...(found[2] ?? "").matchAll(LABEL)].map(([, name, value]) => [name, value]));
    if (!samples.has(found[1])) samples.set(found[1], []);
    samples.get(found[1]).push({ labels, value: Number(found[3]) });
  }
  const fits = (labels, wanted) => Object.entries(wanted).every(([name, value]) => labels[name] === value);
  return {
    one: (name) => samples.get(name)?.[0].value ?? 0,
    sum: (name, wanted = {}) => (samples.get(name) ?? []).filter(({ labels }) => fits(labels, wanted)).reduce((sum, { value }) => sum + value, 0),
  };
}
