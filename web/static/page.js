"use strict";
document.getElementById("curl").textContent =
  `curl -X POST ${location.origin}/start_tracking -H "Content-Type: application/json" \\\n` +
  `  -d '{"video1":"cam11.mp4","video2":"cam44.mp4","output":"output.mp4"}'`;

function element(name, text = "", kind = "") {
  const node = document.createElement(name);
  node.textContent = text;
  node.className = kind;
  return node;
}

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function facts(job) {
  const rounds = job.rounds_total === null ? job.rounds_done : `${job.rounds_done} / ${job.rounds_total}`;
  const items = [`${rounds} rounds`, `${job.people_now} people now`, `${job.total_visits} ids so far`];
  if (job.status === "processing") items.push(`${job.fps.toFixed(1)} rounds/s`);
  if (job.eta_s !== null) items.push(`${clock(job.eta_s)} left`);
  const row = element("div", "", "facts");
  row.append(...items.map((text) => element("span", text)));
  return row;
}

function card(job) {
  const box = element("article");
  const head = element("header");
  head.append(element("b", job.job_id), element("span", job.status, `tag ${job.status}`),
    element("span", job.videos.join("  ·  "), "grow note"));
  if (["queued", "processing"].includes(job.status)) {
    const stop = element("button", job.stop_requested ? "stopping…" : "stop");
    stop.disabled = job.stop_requested;
    stop.onclick = () => fetch(`jobs/${job.job_id}/stop`, {method: "POST"}).then(show);
    head.append(stop);
  }
  const bar = element("progress");
  bar.max = 1;
  bar.value = job.progress;
  box.append(head, bar, facts(job));
  const where = [job.output, job.results].filter(Boolean).join("  ·  ");
  if (where) box.append(element("div", `→ ${where}`, "note"));
  for (const note of job.notes) box.append(element("div", note, "note"));
  if (job.error) box.append(element("div", `${job.error.message} [${job.error.code}]`, "error"));
  return box;
}

async function show() {
  const list = document.getElementById("jobs");
  try {
    const {jobs} = await (await fetch("jobs")).json();
    list.replaceChildren(...(jobs.length ? jobs.map(card) : [element("p", "No job yet.", "note")]));
  } catch {
    list.replaceChildren(element("p", "The server does not answer.", "error"));
  }
}

show();
setInterval(show, 1000);
