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
let estimates, scores, exams, chain, files;
const ready = read().then((data) => { ({ estimates, scores, exams, chain, files } = data); });

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
  id: "Name in the results",
};
// What a number is made from: one of it, and several.
const KINDS = {
  score: ["scored value", "scored values"], row: ["cleaned row", "cleaned rows"],
  origin: ["cleaned row", "cleaned rows"], "raw row": ["raw row", "raw rows"],
  finding: ["finding", "findings"],
  plan: ["row of a table of the plan", "rows of a table of the plan"],
  estimate: ["other estimate and what it was made from", "other estimates and what they were made from"],
};
const SHOWN = 200; // things of one card that are listed at once

// A link to a file of the results or of the raw data. Where the report's folder was sent without
// them, the text says where the file is; the cells that matter are on the card itself.
function link(text, address) {
  if (!address) return document.createTextNode(text);
  const isOutside = address.startsWith("../");
  if (!isOutside || decodeURIComponent(location.pathname).includes(files.home)) {
    return make("a", text, { href: address });
  }
  const missing = "This file is in the archive of the study and not part of the report.";
  return make("span", text, { class: "elsewhere", title: missing });
}

// What a number is, in words: AIS grade, A, Day 180: improved.
function nameOf(id) {
  const { endpoint, stratum, visit, statistic, analysis } = estimates[id];
  const about = [endpoint, stratum, visit].filter(Boolean).join(", ") || analysis;
  return `${about.replaceAll("_", " ")}: ${statistic.replaceAll("_", " ")}`;
}

// A text with a link where it names something: the notebook, the estimand in its table.
function fact(key, text) {
  if (key === "cell") return link(text, files.notebooks + text.split("#")[0]);
  if (key === "endpoint" && estimands[text]) return link(text, `#${estimands[text]}`);
  return text;
}

// The row of each endpoint in the table of estimands, by its label.
const estimands = Object.create(null); // no label is a name that every object has
for (const [i, head] of document.querySelectorAll("#table-estimands tbody th").entries()) {
  head.parentElement.id = `estimand-${i}`;
  estimands[head.textContent.replace(/ \([^()]*\)$/, "")] = `estimand-${i}`;
}

function facts(entry) {
  const list = make("dl");
  for (const [key, word] of Object.entries(WORDS)) {
    if (key in entry) list.append(make("dt", word), make("dd", fact(key, String(entry[key]))));
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

// The raw cells of a step: file, row, column, as written, as read, what was found there; and the
// cleaned column.
function rawCells(step) {
  const [, , , row, set, ...own] = step;
  if (row < 0) return own.length ? [[...own, "", "", ""]] : [];
  const [table, number, written, read, notes, , elsewhere] = chain.rows[row];
  const [, , file, columns, names] = chain.tables[table];
  return chain.sets[set].filter((place) => written[place] !== null).map((place) => [
    file, ...(elsewhere[place] ?? [number, columns[place]]), written[place],
    read[place] ?? "", notes[place] ?? "", names[place],
  ]);
}

// From a step to where it stands: the file of scores, the cleaned row, the worksheet on this page.
function cleanedRow(step) {
  if (step[3] < 0) return [];
  const [table, number, , , , kept] = chain.rows[step[3]];
  const [name, exported] = chain.tables[table];
  const row = `${exported}:${number}`;
  if (!kept) {
    return [`Not kept: raw row ${number} of ${name} was set aside (`,
      link("cleaned/quarantine.csv", "../cleaned/quarantine.csv"), ")."];
  }
  const said = [`Cleaned row ${row} of `, link(`cleaned/${name}.csv`, `../cleaned/${name}.csv`)];
  if (step[0] === "score") {
    said.unshift("Value of ", link("scored/scores.csv", "../scored/scores.csv"), ". ");
  }
  if (document.getElementById(`exam-${row}`) && step[0] === "score") {
    said.push(" (", link("its worksheet", `#exam-${row}`), ")");
  }
  return [...said, ", from these raw cells:"];
}

function cellTable(step) {
  const cells = rawCells(step);
  if (!cells.length) return make("p", "No cell of its own: the row or the file as a whole.");
  const head = ["Raw file", "Row", "Column", "As written", "Read as", "Found"];
  const withColumn = head.map((_, i) => i < 4 || cells.some((cell) => cell[i] !== ""));
  const raw = (text, i) => (i === 0 && files.raw ? link(text, files.raw + text) : text);
  const line = (tag, texts) => make("tr", texts
    .map((text, i) => (tag === "td" ? raw(text, i) : text))
    .filter((_, i) => withColumn[i]).map((text) => make(tag, text)));
  const table = make("table", [
    make("thead", line("th", head)),
    make("tbody", cells.map((cell) => line("td", cell.slice(0, 6)))),
  ]);
  for (const [i, row] of [...table.tBodies[0].rows].entries()) row.dataset.cell = cells[i][6];
  for (const cell of table.querySelectorAll("th")) cell.scope = "col";
  const about = { class: "scroll", tabindex: "0", role: "region", "aria-label": `Raw cells of ${step[1]}` };
  return make("div", table, about);
}

function about(step) {
  const row = cleanedRow(step);
  return [...(row.length ? [make("p", row)] : []), cellTable(step)];
}

function stepDetails(step) {
  const [kind, label, value] = step;
  const said = kind === "score" ? ` = ${value || "not determined"}` : value ? `: ${value}` : "";
  const details = make("details", make("summary", label + said), { class: "step" });
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    details.append(...about(step));
  });
  return details;
}

function steps(id) {
  const entry = estimates[id];
  const all = places(entry.steps).map((place) => chain.steps[place]);
  const kind = all.length ? KINDS[all[0][0]][entry.named === 1 ? 0 : 1] : "";
  if (!all.length) return [make("p", "Nothing was there to count: no row or score is behind this number.")];
  const parts = [make("h3", `Made from ${entry.named} ${kind}`), ...all.slice(0, SHOWN).map(stepDetails)];
  const followed = Math.min(SHOWN, all.filter((step) => step[0] !== "origin").length);
  if (followed < entry.named || all.length > SHOWN) {
    parts.push(make("p", [
      `The first ${followed} of ${entry.named} are listed. All of them: `,
      make("code", `owncontrol trace ${id} --limit 0`),
    ]));
  }
  return parts;
}

function showCard(opener, title, ...parts) {
  document.getElementById("card-title").textContent = title;
  document.getElementById("card-body").replaceChildren(...parts);
  open(document.getElementById("card"), opener);
}

function estimateCard(opener, id) {
  showCard(opener, nameOf(id), facts({ ...estimates[id], id }), ...steps(id));
}

// A score of one patient, or a whole exam: one step, shown at once.
function stepCard(opener, step, column = "") {
  const [kind, label, value] = step;
  const entry = kind === "score" ? [facts({ value: value || "not determined" })] : [];
  showCard(opener, label, ...entry, ...about(step));
  const row = [...document.querySelectorAll("#card tbody tr")].find((r) => r.dataset.cell === column);
  if (row) {
    row.classList.add("asked");
    row.scrollIntoView({ block: "center" });
  }
}

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("a[data-estimate], a[data-score], a[data-exam]");
  if (!opener) return;
  event.preventDefault();
  await ready;
  const { estimate, score, exam } = opener.dataset;
  if (estimate) estimateCard(opener, estimate);
  else stepCard(opener, chain.steps[score ? scores[score] : exams[exam]]);
});
for (const opener of document.querySelectorAll("a[data-estimate]")) {
  opener.setAttribute("aria-haspopup", "dialog");
}

// A link inside a card to a place of this page: the card closes, and the place is unfolded.
function unfold(target) {
  for (let place = target; place; place = place.parentElement) {
    if (place.tagName === "DETAILS") place.open = true;
  }
  target.scrollIntoView();
  target.querySelector("summary")?.focus();
}
document.getElementById("card").addEventListener("click", (event) => {
  const target = document.getElementById(
    decodeURIComponent(event.target.closest('a[href^="#"]')?.hash ?? "#").slice(1));
  if (!target) return;
  event.preventDefault();
  const card = document.getElementById("card");
  card.addEventListener("close", () => unfold(target), { once: true });
  card.close();
});

// Worksheets: each cell, clicked or by Enter, opens its exam's card at that cell. A sheet is one
// stop of the Tab key; the arrow keys go from cell to cell, Home and End to the ends of a row.

const COLUMNS = ["", "right_motor", "right_light_touch", "right_pin_prick", "", "left_light_touch",
  "left_pin_prick", "left_motor"];

// The column of the cleaned table that a cell shows; nothing for a cell that is no result.
function cellName(cell) {
  const words = cell.parentElement.querySelector("th")?.textContent.toLowerCase() ?? "";
  if (cell.closest("table.anal")) {
    const [what, side] = words.replace("non-key", "non_key").replaceAll(/\b \b/g, "_").split(", ");
    return side ? `${side}_${what}` : what;
  }
  if (!cell.closest("table.form") || !COLUMNS[cell.cellIndex] || !cell.textContent) return "";
  return `${COLUMNS[cell.cellIndex]}_${words.replace("-", "_")}`;
}

async function openCell(cell) {
  await ready;
  const { exam } = cell.closest("details").querySelector("a[data-exam]").dataset;
  stepCard(cell, chain.steps[exams[exam]], cellName(cell));
}

// The rows of a sheet's cells that can be opened, from top to bottom.
function grid(sheet) {
  return [...sheet.querySelectorAll(".form tbody tr, .anal tr")]
    .map((row) => [...row.cells].filter((cell) => cell.tagName === "TD" && cellName(cell)))
    .filter((row) => row.length);
}

function enter(cell) {
  const sheet = cell.closest(".sheet");
  for (const other of sheet.querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
}

function nearest(row, cell) {
  const middle = (one) => one.getBoundingClientRect().x + one.offsetWidth / 2;
  const apart = row.map((other) => Math.abs(middle(other) - middle(cell)));
  return row[apart.indexOf(Math.min(...apart))];
}

const MOVES = {
  ArrowLeft: (rows, y, x) => rows[y][x - 1],
  ArrowRight: (rows, y, x) => rows[y][x + 1],
  ArrowUp: (rows, y, x) => rows[y - 1] && nearest(rows[y - 1], rows[y][x]),
  ArrowDown: (rows, y, x) => rows[y + 1] && nearest(rows[y + 1], rows[y][x]),
  Home: (rows, y) => rows[y][0],
  End: (rows, y) => rows[y].at(-1),
};

for (const exam of document.querySelectorAll("details.exam")) {
  exam.addEventListener("toggle", () => {
    const cells = grid(exam).flat();
    for (const table of exam.querySelectorAll(".form, .anal")) table.setAttribute("role", "grid");
    for (const [i, cell] of cells.entries()) cell.tabIndex = i ? -1 : 0;
  }, { once: true });
}
document.addEventListener("click", (event) => {
  const cell = event.target.closest(".sheet td");
  if (!cell || !cellName(cell)) return;
  enter(cell);
  openCell(cell);
});
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.(".sheet td");
  if (!cell) return;
  if (event.key === "Enter" || event.key === " ") openCell(cell);
  else if (MOVES[event.key]) {
    const rows = grid(cell.closest(".sheet"));
    const y = rows.findIndex((row) => row.includes(cell));
    const next = MOVES[event.key](rows, y, rows[y].indexOf(cell));
    if (next) enter(next);
  } else return;
  event.preventDefault();
});

// Figures

for (const small of document.querySelectorAll("a[data-small]")) {
  const image = document.querySelector(`${small.hash} > img`);
  small.prepend(make("img", "", { src: image.src, alt: "" }));
}

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

// Tables: one stop of the Tab key each; the arrow keys go from number to number and to the buttons
// of the columns, Home and End to the ends of a row.

function stops(table) {
  return [...table.rows]
    .map((row) => [...row.querySelectorAll("a, button")])
    .filter((row) => row.length);
}

function goTo(stop) {
  for (const other of stop.closest("table").querySelectorAll('a:not([tabindex="-1"]), button:not([tabindex="-1"])')) {
    other.tabIndex = -1;
  }
  stop.tabIndex = 0;
  stop.focus();
}

function rove(table) {
  for (const [place, stop] of stops(table).flat().entries()) stop.tabIndex = place ? -1 : 0;
  if (stops(table).length) table.setAttribute("role", "grid");
  table.addEventListener("keydown", (event) => {
    const rows = stops(table);
    const y = rows.findIndex((row) => row.includes(document.activeElement));
    if (y < 0 || !MOVES[event.key]) return;
    const next = MOVES[event.key](rows, y, rows[y].indexOf(document.activeElement));
    if (next) goTo(next);
    event.preventDefault();
  });
  table.addEventListener("focusin", (event) => {
    if (event.target.tabIndex === -1) goTo(event.target);
  });
}

// A table wider than its place says so.
const wide = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    target.toggleAttribute("data-wide", target.scrollWidth > target.clientWidth + 1);
  }
});
for (const region of document.querySelectorAll("figure.table .scroll")) wide.observe(region);

// Every patient unfolded, to be printed.
const patients = document.querySelectorAll("details.patient");
if (patients.length) {
  const one = patients[0].parentElement.dataset.one;
  const all = make("button", `Unfold every ${one}, to print them`, { type: "button" });
  all.addEventListener("click", () => {
    for (const patient of patients) {
      patient.removeAttribute("name");
      patient.open = true;
    }
  });
  patients[0].parentElement.before(all);
}

// Tables: sorted by a column on its button, filtered by a word; groups stay together.

const LONG = 10; // rows from which a table can be filtered

function sortKey(row, place) {
  const text = row.cells[place].textContent.trim().replaceAll("\u2212", "-").replace(/[\u202f\u00a0]/g, "");
  const number = text.match(/^p?\s*[=<>]?\s*\+?(-?\d+(\.\d+)?)/);
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
for (const table of document.querySelectorAll("figure.table table")) rove(table);
