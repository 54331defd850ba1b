// @ts-check
/**
 * What every view shares: forms and links that update parts of the page, search-as-you-type, drag and drop, the theme.
 *
 * A form or link with `data-swap` is sent by fetch; each top-level element of the reply replaces the element of the same id. Without
 * script the same form or link loads a whole page. No element is ever made from text by this file: the server escapes and sends it.
 */

const PARTIAL = "x-osler-partial";

/** @returns {string} the session's form token */
export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.getAttribute("content") ?? "";
}

/** Requests so far, and for each element the request whose answer it shows. */
let asked = 0;
/** @type {Map<string, number>} */
const shown = new Map();

/**
 * Ask the server for fragments and put them in place; where an answer to a later request stands already, an older one is dropped.
 * @param {string} url
 * @param {RequestInit} [about]
 * @returns {Promise<boolean>} whether the server did what was asked
 */
export async function update(url, about = {}) {
  return (await ask(url, about))?.ok ?? false;
}

/**
 * The same, with the server's reply, or null where there was none.
 * @param {string} url
 * @param {RequestInit} about
 */
async function ask(url, about) {
  const headers = new Headers(about.headers);
  headers.set(PARTIAL, "1");
  headers.set("accept", "text/html");
  if (about.method && about.method !== "GET") headers.set("x-osler-csrf", csrf());
  const number = ++asked;
  try {
    const reply = await fetch(url, { ...about, headers, credentials: "same-origin" });
    const html = await reply.text();
    if (about.signal?.aborted) return null;
    place(html, reply.headers.get("content-type") ?? "", number);
    return reply;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) say("The server gave no reply; is it running?");
    return null;
  }
}

/**
 * Put each top-level element of some HTML in the place of the element of the same id.
 * @param {string} html
 * @param {string} kind
 * @param {number} number of the request that it answers
 */
export function place(html, kind = "text/html", number = ++asked) {
  if (kind.includes("json")) {
    try {
      say(JSON.parse(html).detail ?? "That did not work.");
    } catch {
      say("That did not work.");
    }
    return;
  }
  const inside = new DOMParser().parseFromString(html, "text/html").body;
  const focused = document.activeElement?.id;
  for (const made of [...inside.children]) {
    if ((shown.get(made.id) ?? 0) > number) continue;
    if (made.id) shown.set(made.id, number);
    const old = made.id ? document.getElementById(made.id) : null;
    // A live region is read out when its content changes, not when it is replaced.
    if (old && made.id === "status") old.replaceChildren(...made.childNodes);
    else if (old) old.replaceWith(document.adoptNode(made));
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  document.dispatchEvent(new CustomEvent("osler:placed"));
}

/** @param {string} words shown and read out */
export function say(words) {
  const status = document.getElementById("status");
  if (status) status.textContent = words;
}

// --- back and forward ----------------------------------------------------------------------------------------------------
// A view with `data-here`, the address that it was made for, goes from address to address in place: by links and forms with
// `data-link`, and by Back and Forward. The newest wins: one still under way is aborted, with all that it would have done.

/** The address of what the view shows. */
let here = document.querySelector("[data-here]")?.getAttribute("data-here") ?? "";
/** @type {{ stop: AbortController, part: Element | null } | null} */
let visiting = null;

function halt() {
  visiting?.stop.abort();
  visiting?.part?.removeAttribute("aria-busy");
  visiting = null;
}

/**
 * Show what an address says, and say so in the address bar.
 * @param {string} url
 * @param {Element | null} part that is busy meanwhile
 * @param {"pushState" | "replaceState"} how
 * @returns {Promise<boolean | null>} whether it is shown; null where something newer took its place
 */
async function visit(url, part, how) {
  halt();
  const mine = (visiting = { stop: new AbortController(), part });
  part?.setAttribute("aria-busy", "true");
  const reply = await ask(url, { signal: mine.stop.signal });
  if (visiting !== mine) return null;
  halt();
  if (!reply?.ok) return false;
  // Where the server led on to another address, that one.
  const made = new URL(reply.url);
  here = made.pathname + made.search;
  if (here !== location.pathname + location.search) history[how](null, "", here);
  return true;
}

/** After Back or Forward: show what the address says, unless it is shown already. */
async function agree() {
  if (!here) return;
  halt();
  const wanted = location.pathname + location.search;
  if (wanted === here) return;
  const done = await visit(wanted, document.querySelector("[data-here]"), "replaceState");
  if (done === false) return location.reload();
  const said = new URLSearchParams(location.search);
  for (const field of document.querySelectorAll("form[data-link] input:not([type=hidden])")) {
    if (done && field instanceof HTMLInputElement) field.value = said.get(field.name) ?? "";
  }
}
addEventListener("popstate", agree);
addEventListener("pageshow", (event) => {
  if (event.persisted) agree();
});
// Back may have been pressed before this script was there to hear of it.
agree();

/**
 * A step of the user's own, and then to where its result lies.
 * @param {HTMLElement} by a form or link with `data-swap`
 * @param {string} url
 */
async function go(by, url) {
  say("");
  const done = await visit(url, document.getElementById(by.dataset.swap ?? ""), "pushState");
  if (done === false && by instanceof HTMLFormElement) return refused(by);
  if (done && by instanceof HTMLFormElement && by.hasAttribute("data-clear")) by.reset();
  if (done) document.getElementById(by.dataset.show ?? "")?.focus();
}

/** After so long without a reply the page says that it works. */
const PATIENCE_MS = 1500;

/** @param {Event} event */
async function submitted(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-swap")) return;
  event.preventDefault();
  form.querySelector("[data-problem]")?.remove();
  const by = event instanceof SubmitEvent ? event.submitter : null;
  const data = new FormData(form, by instanceof HTMLButtonElement ? by : undefined);
  const busy = document.getElementById(form.dataset.swap ?? "");
  // What was being looked up is settled: no late list of options comes up under an emptied field.
  clearTimeout(waiting);
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && field.dataset.suggest) asking.get(field)?.abort(), closeList(field);
  }
  const query = new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
  const url = `${form.action.split("?")[0]}?${query}`;
  if (form.hasAttribute("data-link")) return go(form, url);
  busy?.setAttribute("aria-busy", "true");
  say("");
  const late = form.dataset.wait ?? "Working …";
  const patience = setTimeout(() => say(late), PATIENCE_MS);
  const files = [...data.values()].some((value) => value instanceof File);
  const done = form.method === "get" ? await update(url) : await update(form.action, { method: "POST", body: files ? data : query });
  clearTimeout(patience);
  if (document.getElementById("status")?.textContent === late) say("");
  if (busy?.isConnected) busy.removeAttribute("aria-busy");
  if (!done) return refused(form);
  if (form.method !== "get" && form.hasAttribute("data-clear")) form.reset();
  // What was asked for may lie elsewhere on the page: go there.
  const made = document.getElementById(form.dataset.show ?? "");
  made?.focus();
  if (form.hasAttribute("data-top")) made?.closest("section")?.scrollIntoView({ block: "start" });
}

/** What went wrong with a form stands by it, as far as the reply did not put it there itself. @param {HTMLFormElement} form */
function refused(form) {
  const status = document.getElementById("status"), words = status?.textContent?.trim();
  if (!status || !words || !form.isConnected) return;
  const here = document.createElement("p");
  (here.className = "problem"), (here.dataset.problem = ""), here.setAttribute("role", "alert");
  form.append(here);
  here.textContent = words;
  status.textContent = "";
}

// --- search as you type ------------------------------------------------------------------------------------------------
/** @type {Map<Element, AbortController>} */
const asking = new Map();

/** @param {HTMLInputElement} input with `data-suggest`, the address that gives the options as a listbox */
async function suggest(input) {
  asking.get(input)?.abort();
  const stop = new AbortController();
  asking.set(input, stop);
  const words = input.value.trim();
  if (words.length < 2) return closeList(input);
  const sign = (input.dataset.suggest ?? "").includes("?") ? "&" : "?";
  await update(`${input.dataset.suggest}${sign}q=${encodeURIComponent(words)}`, { signal: stop.signal });
  input.setAttribute("aria-expanded", String(options(input).length > 0));
}

/** @param {HTMLInputElement} input */
function options(input) {
  const list = document.getElementById(input.getAttribute("aria-controls") ?? "");
  return list ? /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role="option"]')]) : [];
}

/** @param {HTMLInputElement} input */
function closeList(input) {
  const list = document.getElementById(input.getAttribute("aria-controls") ?? "");
  if (list) list.replaceChildren(), list.setAttribute("hidden", "");
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

/** @param {HTMLInputElement} input @param {HTMLElement} option */
function choose(input, option) {
  const form = input.form;
  const field = form?.elements.namedItem(input.dataset.value ?? "");
  if (field instanceof HTMLInputElement) field.value = option.dataset.value ?? "";
  input.value = option.dataset.label ?? option.textContent?.trim() ?? "";
  closeList(input);
  if (form && input.hasAttribute("data-choose-submits")) form.requestSubmit();
}

/** @param {KeyboardEvent} event */
function keyed(event) {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.dataset.suggest) return;
  const all = options(input);
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Escape") return closeList(input);
  if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    return choose(input, all[at]);
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (!all.length) return;
  event.preventDefault();
  const next = (at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length;
  all.forEach((one, place) => one.setAttribute("aria-selected", String(place === next)));
  all[next].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", all[next].id);
}

let waiting = 0;
document.addEventListener("submit", submitted);
document.addEventListener("keydown", keyed);
document.addEventListener("input", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement)) return;
  if (input.dataset.suggest) {
    // What was chosen before is not what is being typed.
    const chosen = input.form?.elements.namedItem(input.dataset.value ?? "");
    if (chosen instanceof HTMLInputElement) chosen.value = "";
    clearTimeout(waiting);
    waiting = window.setTimeout(() => suggest(input), 120);
  }
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLElement && field.hasAttribute("data-submits")) field.closest("form")?.requestSubmit();
});
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  const option = event.target.closest('[role="option"]');
  if (option instanceof HTMLElement) {
    const list = option.closest('[role="listbox"]');
    const input = list ? document.querySelector(`[aria-controls="${list.id}"]`) : null;
    if (input instanceof HTMLInputElement) choose(input, option);
  }
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  // A plain click; any other one opens a tab or a menu, as links do.
  const link = event.target.closest("a[data-swap]");
  if (!(link instanceof HTMLAnchorElement) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link, link.href);
});

// --- files dropped on a form ---------------------------------------------------------------------------------------------
document.addEventListener("dragover", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-drop]")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const form = event.target instanceof Element ? event.target.closest("[data-drop]") : null;
  const field = form?.querySelector('input[type="file"]');
  if (!(form instanceof HTMLFormElement) || !(field instanceof HTMLInputElement) || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  field.files = event.dataTransfer.files;
  form.requestSubmit();
});

// --- light and dark --------------------------------------------------------------------------------------------------------
function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("osler-theme", root.dataset.theme);
}
const theme = localStorage.getItem("osler-theme");
if (theme) document.documentElement.dataset.theme = theme;
