// @ts-check
/**
 * The ask view: steps come in as server-sent events and are put into the tree; evidence opens beside the answer.
 *
 * Each event has HTML that the server made and escaped. A lost connection is taken up again by the browser after the last
 * event it saw (Last-Event-ID).
 */
import { place, say, update } from "./osler.js";
import "./picture.js";

/** @type {EventSource | null} */
let source = null;
let watched = "";

/** Begin to watch the run that the page shows, if it is still under way. */
function watch() {
  const run = document.querySelector("[data-stream]");
  const url = run?.getAttribute("data-stream") ?? "";
  if (url === watched) return;
  source?.close();
  source = null;
  watched = url;
  if (!url || !run) return;
  source = new EventSource(url);
  source.addEventListener("step", (event) => put(JSON.parse(event.data)));
  source.addEventListener("piece", (event) => {
    const shown = document.getElementById("pieces");
    if (shown) shown.textContent = (shown.textContent + JSON.parse(event.data).text).slice(-1500);
  });
  source.addEventListener("ended", async () => {
    source?.close();
    if (await update(run.getAttribute("data-done") ?? "")) say("The answer is here.");
  });
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) say("The connection is lost; load the page again to go on.");
  });
}

/** @param {{html: string, under?: string, id: string}} made a step's head, to be put below `under` if it is new */
function put(made) {
  const list = made.under === undefined ? null : document.getElementById(made.under);
  if (list && !document.getElementById(made.id)) {
    const inside = new DOMParser().parseFromString(made.html, "text/html").body;
    for (const item of [...inside.children]) list.append(document.adoptNode(item));
    const pieces = document.getElementById("pieces");
    if (pieces) pieces.textContent = "";
  } else if (made.under === undefined) place(made.html);
}

/** @param {MouseEvent} event evidence opens in its own panel */
async function open(event) {
  const link = event.target instanceof Element ? event.target.closest("a[data-open]") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!(await update(link.getAttribute("href") ?? ""))) return;
  const panel = document.getElementById("opened");
  panel?.focus({ preventScroll: true });
  panel?.scrollIntoView({ block: "nearest" });
  const box = panel?.querySelector(".source");
  const mark = panel?.querySelector("mark");
  if (box instanceof HTMLElement && mark instanceof HTMLElement) box.scrollTop = mark.offsetTop - box.offsetTop - box.clientHeight / 3;
}

/** The problem that was gone to. */
let problem = document.getElementById("ask-problem");

/** What went wrong with a question stands by its form: go there when it comes. */
function told() {
  const now = document.getElementById("ask-problem");
  if (now && now !== problem && !now.hidden) now.focus();
  problem = now;
}

document.addEventListener("osler:placed", watch);
document.addEventListener("osler:placed", told);
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) print();
  else open(event);
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset.choice) {
    update(`${field.dataset.choice}?method=${encodeURIComponent(field.value)}`);
  }
});
addEventListener("beforeprint", () => document.querySelectorAll("#run details, #dialogue details").forEach((one) => one.setAttribute("open", "")));
watch();
