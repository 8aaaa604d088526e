// The curation page: moves between items, fills in diffs, sends decisions. What is shown comes from the
// server as HTML, every text in it escaped; nothing is built from strings here.
"use strict";

const markup = window.trustedTypes
  ? window.trustedTypes.createPolicy("pullsmith", { createHTML: (text) => text })
  : { createHTML: (text) => text };
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const put = (element, html) => { element.innerHTML = markup.createHTML(html); };
const queue = document.body.dataset.queue;

// ---- asking the server

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    throw new Error("The server does not answer. Nothing you typed is lost: start pullsmith curate again, then try once more.");
  }
  if (answer.ok) return answer;
  const text = await answer.text();
  let told = { said: text };
  try { told = JSON.parse(text); } catch { /* plain words of the guard */ }
  throw Object.assign(new Error(told.said || `The server answered ${answer.status}.`), { told });
}

const html = async (url) => (await ask(url)).text();
const send = async (url, body) => (await ask(url, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
})).json();

function say(text, kind = "") {
  const status = one("#status");
  status.textContent = text;
  status.className = kind;
}

// Anything that can fail says so in the status line.
const trying = (act) => async (...given) => {
  try { await act(...given); } catch (error) { say(error.message, "wrong"); }
};

// ---- where we are

const article = () => one("#item");
const here = () => article().dataset;
let apart = document.querySelector('[data-do="view"]')?.ariaPressed === "true";
let busy = false;
const ahead = new Map(); // items that were fetched before they are wanted

function query(more = {}) {
  const asked = new URLSearchParams({ queue });
  for (const field of all("#filters [name]")) if (field.value) asked.set(field.name, field.value);
  if (apart) asked.set("apart", "1");
  for (const [name, value] of Object.entries(more)) asked.set(name, value);
  return asked;
}
const itemUrl = (step, from) => `/part/item?${query(from ? { step, from } : { step })}`;
const diffUrl = (part, more) => `/part/${part}?${query({ name: here().name, digest: here().digest, ...more })}`;

function fetched(url) {
  if (!ahead.has(url)) ahead.set(url, html(url).catch((error) => { ahead.delete(url); throw error; }));
  return ahead.get(url);
}

function show(text) {
  put(one("#main"), text);
  settle();
}

const go = async (step, from = here().name || here().origin) => {
  const url = itemUrl(step, from);
  let text = await fetched(url);
  // That there is no next one was true before this decision; how much is left is another matter now.
  if (text.includes('class="item end"')) text = await html(url);
  ahead.clear();
  show(text);
};

let fill = 0;
function settle() {
  const item = article();
  const asked = query();
  asked.delete("queue");
  if (here().name) asked.set("at", here().name);
  history.replaceState(null, "", `/${queue}?${asked}`);
  pane(false);
  restore();
  one("h1", item)?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  fill += 1;
  afterwards(fill);
}

// What can wait until the item is on the screen: the rest of its diff, counts, the next item.
const afterwards = trying(async (mine) => {
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  sizes(article());
  if (here().name) fetched(itemUrl("open", here().name)).catch(() => {});
  for (const place of all("[data-fill]", article())) put(place, await html(place.dataset.fill));
  await refresh();
  await complete(mine);
  if (mine === fill && here().name) fetched(itemUrl("next", here().name)).catch(() => {});
});

const refresh = async () => put(one("#side"), await html(`/part/side?${query()}`));

// On a phone one of both sides is shown at a time.
function pane(right) {
  document.body.classList.toggle("answering", right);
  const button = one(".pane");
  if (button) button.ariaPressed = String(right);
}

// ---- the diff, part by part

const LINE = 19; // pixels, about: corrected once a part was on the screen
function sizes(within) {
  for (const part of all(".part:not(.sized)", within)) {
    const height = `${LINE * part.dataset.lines}px`;
    if (part.dataset.wait) part.style.height = height;
    else { part.classList.add("sized"); part.style.containIntrinsicHeight = `auto ${height}`; }
  }
}

async function rows(first) {
  const name = here().name;
  const text = await html(diffUrl("rows", { section: one(".diff").dataset.section, first }));
  if (name !== here().name) return;
  const holder = document.createElement("div");
  put(holder, text);
  for (const made of all(".part", holder)) {
    const place = document.getElementById(made.id);
    if (!place?.dataset.wait) continue;
    made.dataset.lines = place.dataset.lines;
    place.replaceWith(made);
  }
  sizes(one(".diff"));
}

async function complete(mine) {
  for (let part = one(".part[data-wait]"); part && mine === fill; part = one(".part[data-wait]")) {
    await new Promise((done) => (window.requestIdleCallback ?? setTimeout)(done));
    if (mine === fill) await rows(part.dataset.wait);
  }
}

async function section(number) {
  put(one("#diff"), await html(diffUrl("diff", { section: number })));
  fill += 1;
  sizes(article());
  trying(complete)(fill);
}

async function line(target) {
  pane(false);
  if (one(".diff").dataset.section !== target.section) await section(target.section);
  if (one(`#p${target.part}[data-wait]`)) await rows(target.part);
  const row = document.getElementById(`l${target.line}`);
  if (!row) return;
  row.closest("details").open = true;
  for (const old of all(".hit")) old.classList.remove("hit");
  row.classList.add("hit");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
}

// ---- what is being written: kept in this tab until it is recorded

const draftKey = () => `draft ${queue} ${here().name} ${here().digest}`;
const fields = () => all("[data-draft]", article());
const given = (field) => (field.type === "radio" ? field.checked : field.value !== (field.dataset.original ?? ""));

function written() {
  const values = {};
  for (const field of fields()) if (given(field)) values[field.dataset.draft] = field.value;
  return values;
}
const dirty = () => Boolean(article()) && Object.keys(written()).length > 0;

function keepDraft() {
  if (dirty()) sessionStorage.setItem(draftKey(), JSON.stringify(written()));
  else sessionStorage.removeItem(draftKey());
}

function restore() {
  const kept = here().name && sessionStorage.getItem(draftKey());
  if (!kept) return;
  const values = JSON.parse(kept);
  for (const field of fields()) {
    const value = values[field.dataset.draft];
    if (value === undefined) continue;
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
  if (one("#edit")) openEditor();
  say("Your draft from before is back; it is not recorded yet.");
}

function forget() {
  sessionStorage.removeItem(draftKey());
  for (const field of fields()) {
    if (field.type === "radio") field.checked = false;
    else field.value = field.dataset.original ?? "";
  }
}

let leaving = null;
function leave(act) {
  if (!dirty()) return act();
  leaving = act;
  one("#leave").showModal();
  return undefined;
}
const left = (before) => () => {
  one("#leave").close();
  before();
  const act = leaving;
  leaving = null;
  return act?.();
};

window.addEventListener("beforeunload", (event) => {
  if (document.body.dataset.queue && dirty()) { keepDraft(); event.preventDefault(); }
});

// ---- decisions

async function decide(action, more = {}, word = action) {
  if (busy || !here().name) return;
  busy = true;
  try {
    const { name, digest } = here();
    await send("/decide", { queue, action, name, digest, ...more });
    if (action !== "keep" && action !== "reject") forget(); // those two leave a draft that was to wait
    for (const dialog of all("dialog[open]")) dialog.close();
    await go("open", name);
    say(word);
  } catch (error) {
    if (error.told?.faults) faults(error.told.faults, []);
    throw error;
  } finally {
    busy = false;
  }
}

function vote() {
  const { better, first_score, second_score, text = "" } = written();
  if (better === undefined) throw new Error("Say first which response is better: 1, 2, or 0 for equal.");
  if (!first_score || !second_score) {
    one(first_score ? "[name=second_score]" : "[name=first_score]").focus();
    throw new Error("Give both responses a score from 1 to 10.");
  }
  return decide("vote", {
    better: Number(better), first_score: Number(first_score), second_score: Number(second_score), text,
  }, "Recorded.");
}

// ---- the editor

let checking = 0;
let timer = 0;
const CHECK_AFTER = 250; // ms without a key

function form(name) {
  for (const part of all("div[data-form]", article())) part.hidden = part.dataset.form !== name;
  for (const button of all("button[data-form]", article())) button.ariaPressed = String(button.dataset.form === name);
}

function openEditor() {
  pane(true);
  form("edit");
  one("#edit").focus({ preventScroll: true });
  one(".answer").scrollIntoView({ block: "start" });
  gutter([]);
  check();
}

function gutter(wrong) {
  const edit = one("#edit");
  const lines = edit.value.split("\n").length;
  const column = one(".gutter");
  column.replaceChildren(...Array.from({ length: lines }, (_, at) => {
    const number = document.createElement("span");
    number.textContent = `${at + 1}\n`;
    if (wrong.includes(at + 1)) number.className = "wrong";
    return number;
  }));
  column.scrollTop = edit.scrollTop;
}

function faults(found, hidden) {
  const place = one("#faults");
  place.replaceChildren();
  const list = document.createElement("ul");
  const add = (at, message, kind) => {
    const item = document.createElement("li");
    item.className = kind;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "to", textContent: `line ${at}` });
    Object.assign(button.dataset, { do: "caret", at });
    item.append(button, ` ${message}`);
    list.append(item);
  };
  for (const fault of found) add(fault.line, fault.message, "wrong");
  for (const one_ of hidden) add(one_.line, `holds what is not seen: ${one_.text}`, "odd");
  const head = document.createElement("p");
  const same = !one("#edit").value || one("#edit").value === one("#edit").dataset.original;
  head.className = found.length ? "wrong" : same ? "note" : "right";
  head.textContent = found.length
    ? `${found.length} ${found.length === 1 ? "fault" : "faults"}: this cannot be kept yet.`
    : same ? "Nothing is changed yet." : "Follows the contract, and speaks of what is shown.";
  place.append(head, list);
  gutter(found.map((fault) => fault.line));
  one('[data-do="save"]').disabled = found.length > 0 || same;
}

function check() {
  const mine = (checking += 1);
  clearTimeout(timer);
  const save = one('[data-do="save"]');
  save.disabled = true;
  timer = setTimeout(trying(async () => {
    const { name, digest } = here();
    const told = await send("/check", { name, digest, text: one("#edit").value });
    if (mine === checking && here().name === name) faults(told.faults, told.hidden);
  }), CHECK_AFTER);
}

function caret(at) {
  const edit = one("#edit");
  const start = edit.value.split("\n").slice(0, at - 1).join("\n").length + (at > 1 ? 1 : 0);
  const end = edit.value.indexOf("\n", start);
  edit.focus();
  edit.setSelectionRange(start, end < 0 ? edit.value.length : end);
  edit.scrollTop = Math.max(0, (at - 4) * parseFloat(getComputedStyle(edit).lineHeight));
}

// ---- everything that can be done, by the name on its button

const deeds = {
  keep: () => leave(() => decide("keep", {}, "Kept.")),
  fix: openEditor,
  save: () => decide("fix", { text: one("#edit").value }, "Fix kept."),
  original: () => { forget(); keepDraft(); openEditor(); },
  close: () => leave(() => { form("posted"); one('[data-do="fix"]').focus(); }),
  reject: () => leave(() => one("#reject").showModal()),
  reason: (button) => decide("reject", { text: button.dataset.reason }, "Rejected."),
  other: () => {
    const text = one("#other").value.trim();
    if (!text) { one("#other").focus(); throw new Error("Say why it is rejected."); }
    return decide("reject", { text }, "Rejected.").then(() => { one("#other").value = ""; });
  },
  pick: async () => {
    if (!one("[data-room-real]")) put(one(".gauge"), await html("/part/gauge"));
    const kind = here().planted ? "planted" : "real";
    if (one(`[data-room-${kind}="0"]`) && !here().picked) throw new Error(`No more ${kind} ones are wanted: take one of those that are picked out first.`);
    return decide("pick", { text: one("#why").value }, "Picked.");
  },
  unpick: () => decide("unpick", { text: one("#why").value }, "Not picked."),
  why: () => one("#why").focus(),
  better: (radio) => radio.focus(),
  vote,
  skip: () => leave(() => go("open")),
  next: () => leave(() => go("next")),
  back: () => leave(() => go("back")),
  again: () => go("open", ""),
  undo: () => leave(async () => {
    const told = await send("/undo", {});
    ahead.clear();
    if (told.queue && told.queue !== queue) { location.assign(`/${told.queue}?${new URLSearchParams({ at: told.name })}`); return; }
    if (told.name) await go("here", told.name);
    else await refresh();
    say(told.said);
  }),
  view: async (button) => {
    apart = !apart;
    button.ariaPressed = String(apart);
    localStorage.setItem("apart", apart ? "1" : "");
    ahead.clear();
    if (one(".diff")) await section(one(".diff").dataset.section);
  },
  pane: () => pane(!document.body.classList.contains("answering")),
  section: (button) => section(button.dataset.section).then(() => one("#diff").scrollIntoView()),
  line: (button) => line(button.dataset),
  yaml: (button) => {
    form("yaml");
    for (const old of all(".y.hit")) old.classList.remove("hit");
    const row = one(`.y[data-at="${button.dataset.at}"]`);
    row?.classList.add("hit");
    row?.scrollIntoView({ block: "center" });
  },
  form: (button) => (button.dataset.form === "posted" || !one("#edit") ? form(button.dataset.form) : form("yaml")),
  caret: (button) => caret(Number(button.dataset.at)),
  help: () => { keyList(); one("#help").showModal(); },
  people: async () => { put(one("#people .loaded"), await html("/part/people")); one("#people").showModal(); },
  stay: () => { leaving = null; one("#leave").close(); },
  draft: left(keepDraft),
  drop: left(forget),
};

// What a key does is what stands on its button.
function keyList() {
  const word = (button) => [...(button.closest("label") ?? button).childNodes]
    .filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("").trim();
  const keys = all("[data-key]").filter((button) => !button.closest("dialog"))
    .map((button) => [button.dataset.key === "Enter" ? "Ctrl+Enter" : button.dataset.key.toUpperCase(), word(button)]);
  one("#help .keys").replaceChildren(...[...keys, ["/", "Search"]].map(([key, text]) => {
    const row = document.createElement("p");
    const cap = document.createElement("kbd");
    cap.textContent = key;
    row.append(cap, ` ${text}`);
    return row;
  }));
}

document.addEventListener("click", trying(async (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) await deeds[button.dataset.do](button);
}));

const typing = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
document.addEventListener("keydown", (event) => {
  const dialog = one("dialog[open]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const button = one(dialog ? "none" : "[data-form=edit]:not([hidden]) [data-do=save], [data-do=vote]");
    if (button) { event.preventDefault(); button.click(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && !dialog) {
      if (event.target.id === "edit") one('[data-do="close"]').click();
      else event.target.blur();
    }
    if (event.key === "Enter" && event.target.id === "other") one('[data-do="other"]').click();
    if (event.key === "Enter" && event.target.id === "why" && queue === "choose") one('[data-do="pick"]').click();
    return;
  }
  if (!document.body.dataset.queue || localStorage.getItem("single") === "off") return;
  if (event.key === "/" && !dialog) {
    event.preventDefault();
    one("#filters [name=search]").focus();
    return;
  }
  // Where letters are not Latin ones the key's place counts.
  const key = (/^[!-~]$/.test(event.key) ? event.key : event.code.replace(/^Key/, "")).toLowerCase();
  const button = key === "enter" ? null : one(`[data-key="${CSS.escape(key)}"]:not(:disabled)`, dialog ?? document.body);
  if (button && (dialog || !button.closest("dialog"))) {
    event.preventDefault();
    button.click();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-draft]")) keepDraft();
  if (event.target.id === "edit") { gutter([]); check(); }
});
document.addEventListener("change", trying(async (event) => {
  if (event.target.id === "single") localStorage.setItem("single", event.target.checked ? "on" : "off");
  if (!event.target.closest("#filters")) return;
  await leave(async () => { ahead.clear(); await go("here", ""); });
}));
document.addEventListener("submit", trying(async (event) => {
  if (event.target.method === "dialog") return;
  event.preventDefault();
  if (event.target.id !== "door") return;
  await send("/door", { who: one("#who").value });
  location.assign("/");
}));
document.addEventListener("scroll", (event) => {
  if (event.target.id === "edit") one(".gutter").scrollTop = event.target.scrollTop;
}, true);

if (document.body.dataset.queue) {
  one("#single").checked = localStorage.getItem("single") !== "off";
  if (Boolean(localStorage.getItem("apart")) !== apart) one('[data-do="view"]').click();
  settle();
}
document.body.dataset.ready = "yes";
