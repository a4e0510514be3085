// What the page can do beyond being read: cards of numbers, enlarged figures, sorted and filtered
// tables. Without JavaScript it reads the same, without these.
"use strict";

// What the cards say: JSON, deflated, in base64.
async function read() {
  const packed = Uint8Array.from(
    atob(document.getElementById("cards-data").textContent), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}
let estimates, chain;
const ready = read().then((data) => { ({ estimates, chain } = data); });

function make(tag, content = "", attributes = {}) {
  const element = document.createElement(tag);
  element.append(...[content].flat());
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// Opens a dialog; the browser closes it on Escape, and the focus goes back to where it was.
function open(dialog, opener) {
  dialog.addEventListener("close", () => opener.focus(), { once: true });
  dialog.showModal();
  dialog.scrollTop = 0;
}

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // a click beside it
  });
}

// Cards

const WORDS = {
  value: "Value", lower: "Interval from", upper: "Interval to", level: "Level", p: "p",
  p_adjusted: "p adjusted", n: "n", events: "Events", unit: "Unit", statistic: "Statistic",
  endpoint: "Endpoint", visit: "Visit", stratum: "Stratum", population: "Population",
  method: "Method", convention: "Convention", analysis: "Analysis", cell: "Notebook cell",
};
const KINDS = {
  score: "scored values", row: "cleaned rows", origin: "cleaned rows", "raw row": "raw rows",
  finding: "findings", estimate: "other estimates and what they were made from",
};
const SHOWN = 200; // things of one card that are listed at once

function facts(entry) {
  const list = make("dl");
  for (const [key, word] of Object.entries(WORDS)) {
    if (key in entry) list.append(make("dt", word), make("dd", String(entry[key])));
  }
  return list;
}

function places(runs) {
  const found = [];
  for (let i = 0; i < runs.length; i += 2) {
    for (let place = runs[i]; place <= runs[i + 1]; place += 1) found.push(place);
  }
  return found;
}

// The raw cells of a step: file, row, column, as written, as read, what was found there.
function rawCells(step) {
  const [, , , row, set, ...own] = step;
  if (row < 0) return own.length ? [[...own, "", ""]] : [];
  const [table, number, written, read, notes, , elsewhere] = chain.rows[row];
  const [, , file, columns] = chain.tables[table];
  return chain.sets[set].filter((place) => written[place] !== null).map((place) => [
    file, ...(elsewhere[place] ?? [number, columns[place]]), written[place],
    read[place] ?? "", notes[place] ?? "",
  ]);
}

function cleanedRow(step) {
  if (step[3] < 0) return "";
  const [table, number, , , , kept] = chain.rows[step[3]];
  const [name, exported] = chain.tables[table];
  return kept
    ? `Cleaned row ${exported}:${number} of cleaned/${name}.csv, from these raw cells:`
    : `Not kept: raw row ${number} of ${name} was set aside (cleaned/quarantine.csv).`;
}

function cellTable(step) {
  const cells = rawCells(step);
  if (!cells.length) return make("p", "No cell of its own: the row or the file as a whole.");
  const head = ["Raw file", "Row", "Column", "As written", "Read as", "Found"];
  const withColumn = head.map((_, i) => i < 4 || cells.some((cell) => cell[i] !== ""));
  const line = (tag, texts) =>
    make("tr", texts.filter((_, i) => withColumn[i]).map((text) => make(tag, text)));
  const table = make("table", [
    make("thead", line("th", head)),
    make("tbody", cells.map((cell) => line("td", cell))),
  ]);
  for (const cell of table.querySelectorAll("th")) cell.scope = "col";
  const about = { class: "scroll", tabindex: "0", role: "region", "aria-label": `Raw cells of ${step[1]}` };
  return make("div", table, about);
}

function stepDetails(step) {
  const [kind, label, value] = step;
  const said = kind === "score" ? ` = ${value || "not determined"}` : value ? `: ${value}` : "";
  const details = make("details", make("summary", label + said), { class: "step" });
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const row = cleanedRow(step);
    if (row) details.append(make("p", row));
    details.append(cellTable(step));
  });
  return details;
}

function steps(id) {
  const entry = estimates[id];
  const all = places(entry.steps).map((place) => chain.steps[place]);
  const kind = all.length ? KINDS[all[0][0]] : "";
  if (!all.length) return [make("p", "Nothing was there to count: no row or score is behind this number.")];
  const parts = [make("h3", `Made from ${entry.named} ${kind}`), ...all.slice(0, SHOWN).map(stepDetails)];
  const followed = Math.min(SHOWN, all.filter((step) => step[0] !== "origin").length);
  if (followed < entry.named || all.length > SHOWN) {
    parts.push(make("p", [
      `The first ${followed} of ${entry.named} are listed. All of them: `,
      make("code", `python -m owncontrol trace ${id} --limit 0`),
    ]));
  }
  return parts;
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-estimate]");
  if (!link) return;
  event.preventDefault();
  await ready;
  const id = link.dataset.estimate;
  const card = document.getElementById("card");
  document.getElementById("card-title").textContent = id;
  document.getElementById("card-body").replaceChildren(facts(estimates[id]), ...steps(id));
  open(card, link);
});
for (const link of document.querySelectorAll("a[data-estimate]")) {
  link.setAttribute("aria-haspopup", "dialog");
}

// Figures

for (const image of document.querySelectorAll("figure > img")) {
  const enlarge = () => {
    const viewer = document.getElementById("viewer");
    viewer.querySelector(".scroll").replaceChildren(image.cloneNode());
    open(viewer, button);
  };
  const name = image.parentElement.querySelector("figcaption b").textContent.replace(/\.$/, "");
  const button = make("button", "Enlarge", { type: "button", "aria-label": `Enlarge ${name}` });
  button.className = "enlarge";
  button.addEventListener("click", enlarge);
  image.addEventListener("click", enlarge);
  image.after(button);
}

// Tables: sorted by a column on its button, filtered by a word; groups stay together.

const LONG = 10; // rows from which a table can be filtered

function sortKey(row, place) {
  const text = row.cells[place].textContent.trim().replaceAll("\u2212", "-").replace(/[\u202f\u00a0]/g, "");
  const number = text.match(/^p?\s*[=<]?\s*\+?(-?\d+(\.\d+)?)/);
  return number ? [0, Number(number[1]), text] : [1, 0, text];
}

function compare(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2].localeCompare(b[2], "en");
}

function sortBy(table, head, place) {
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  const order = next[head.getAttribute("aria-sort") ?? "none"];
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  if (order !== "none") head.setAttribute("aria-sort", order);
  const body = table.tBodies[0];
  const groups = [[]];
  for (const row of table.inOrder) {
    if (row.classList.contains("group")) groups.push([row]);
    else groups.at(-1).push(row);
  }
  for (const group of groups) {
    const header = group[0]?.classList.contains("group") ? [group.shift()] : [];
    const sign = order === "descending" ? -1 : 1;
    if (order !== "none") group.sort((a, b) => sign * compare(sortKey(a, place), sortKey(b, place)));
    body.append(...header, ...group);
  }
}

for (const table of document.querySelectorAll("figure.table table")) {
  table.inOrder = [...table.tBodies[0].rows];
  const data = table.inOrder.filter((row) => !row.classList.contains("group"));
  if (data.length > 2) {
    for (const [place, head] of [...table.tHead.rows[0].cells].entries()) {
      if (!head.textContent.trim()) continue;
      const button = make("button", head.textContent, { type: "button", class: "sort" });
      head.replaceChildren(button);
      button.addEventListener("click", () => sortBy(table, head, place));
    }
  }
  if (data.length < LONG) continue;
  const field = make("input", "", { type: "search", placeholder: "a word" });
  const count = make("span", "", { role: "status" });
  field.addEventListener("input", () => {
    const word = field.value.trim().toLowerCase();
    for (const row of data) row.hidden = !row.textContent.toLowerCase().includes(word);
    const left = data.filter((row) => !row.hidden).length;
    count.textContent = word ? ` ${left} of ${data.length} rows` : "";
  });
  table.parentElement.before(make("p", [make("label", ["Filter ", field]), count], { class: "filter" }));
}
