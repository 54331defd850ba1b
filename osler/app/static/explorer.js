// @ts-check
/**
 * The explorer's map: points from typed arrays drawn as pixels, moved by pointer, wheel, touch and keys, cut out by a lasso.
 *
 * Points come in the order of a quadtree, so that from afar only the first levels are drawn: what is left out lies on spots that
 * are drawn already. Lists and tables are made by the server of the same map; this file makes no element from their text.
 */
import { place, say, update } from "./osler.js";
import { captioned, keep } from "./picture.js";

/** @typedef {{of: string, n: number, side: number, ends: number[], levels: number[], colour: string, names: string[], colours: number}} Atlas */

const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("map"));
const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
const atlas = /** @type {Atlas} */ (JSON.parse(canvas.dataset.atlas ?? "{}"));
const SIDE = atlas.side;
const view = {
  x: Number(canvas.dataset.x) || SIDE / 2,
  y: Number(canvas.dataset.y) || SIDE / 2,
  zoom: Math.max(1, Number(canvas.dataset.zoom) || 1),
};
let xs = new Uint16Array(0);
let ys = new Uint16Array(0);
let codes = new Uint8Array(0);
let hits = new Uint32Array(0);
const visible = new Uint8Array(256).fill(1);
/** @type {[number, number][]} the corners of the lasso, on the map */
let lasso = read(canvas.dataset.lasso ?? "");
let drawing = false;
let asked = 0;
let fine = false;
/** @type {ImageData | null} */
let image = null;
/** @type {{name: string, code: number, x: number, y: number}[]} */
let labels = [];

// --- what is shown -----------------------------------------------------------------------------------------------------------
/** @returns {number} pixels of the canvas for a unit of the map */
const scale = () => (Math.min(canvas.width, canvas.height) * view.zoom) / SIDE;
const ratio = () => (fine ? 2 : Math.min(2, devicePixelRatio || 1));

/** @param {string} text @returns {[number, number][]} */
function read(text) {
  return text ? text.split("_").map((one) => /** @type {[number, number]} */ (one.split(".").map(Number))) : [];
}

/** @param {[number, number][]} corners */
const written = (corners) => corners.map(([x, y]) => `${Math.round(x)}.${Math.round(y)}`).join("_");

/** @param {string} css @returns {number} the colour as a pixel of an ImageData (ABGR) */
function pixel(css) {
  const found = /^#(..)(..)(..)$/.exec(css.trim());
  const [r, g, b] = found ? found.slice(1).map((part) => parseInt(part, 16)) : [128, 128, 128];
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** @returns {{ground: number, ink: string, paper: string, mark: string, of: Uint32Array}} */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = new Uint32Array(256).fill(pixel(style.getPropertyValue("--c0")));
  for (let code = 1; code <= atlas.colours; code++) of[code] = pixel(style.getPropertyValue(`--c${code}`));
  const paper = style.getPropertyValue("--map").trim();
  return { ground: pixel(paper), ink: style.getPropertyValue("--ink").trim(), paper, mark: style.getPropertyValue("--focus").trim(), of };
}

/** @returns {number} how many of the first points tell all that there is to see at this zoom */
function depth() {
  const cell = scale() * SIDE;
  for (let level = 0; level < atlas.levels.length; level++) if (cell / atlas.levels[level] < 1) return atlas.ends[level];
  return atlas.n;
}

function size() {
  const wide = Math.round(canvas.clientWidth * ratio());
  const high = Math.round(canvas.clientHeight * ratio());
  if (canvas.width !== wide || canvas.height !== high || !image) {
    canvas.width = wide;
    canvas.height = high;
    image = pen.createImageData(Math.max(1, wide), Math.max(1, high));
  }
}

function draw() {
  asked = 0;
  size();
  const look = colours();
  const wide = canvas.width, high = canvas.height, by = scale();
  const left = view.x - wide / 2 / by, top = view.y - high / 2 / by;
  const data = new Uint32Array(/** @type {ImageData} */ (image).data.buffer);
  data.fill(look.ground);
  const dot = Math.max(1, Math.round(Math.min(9, Math.min(8, Math.max(1.4, 80 / Math.sqrt(atlas.n))) + Math.log2(view.zoom) * 0.7) * ratio()));
  const last = depth();
  for (let one = 0; one < last; one++) {
    const code = codes[one];
    if (!visible[code]) continue;
    const x = ((xs[one] - left) * by) | 0, y = ((ys[one] - top) * by) | 0;
    if (x < 0 || y < 0 || x + dot > wide || y + dot > high) continue;
    const colour = look.of[code];
    for (let row = y * wide + x, end = row + dot * wide; row < end; row += wide) data.fill(colour, row, row + dot);
  }
  pen.putImageData(/** @type {ImageData} */ (image), 0, 0);
  overlay(look, left, top, by);
}

/** @param {ReturnType<typeof colours>} look @param {number} left @param {number} top @param {number} by */
function overlay(look, left, top, by) {
  pen.lineWidth = 1.5 * ratio();
  pen.strokeStyle = look.ink;
  pen.fillStyle = look.mark;
  const round = (hits.length > 200 ? 2.5 : 4) * ratio();
  for (let place = Math.min(hits.length, 2000) - 1; place >= 0; place--) {
    pen.beginPath();
    pen.arc((xs[hits[place]] - left) * by, (ys[hits[place]] - top) * by, round, 0, 7);
    pen.fill();
    pen.stroke();
  }
  if (lasso.length) {
    pen.beginPath();
    lasso.forEach(([x, y], at) => pen[at ? "lineTo" : "moveTo"]((x - left) * by, (y - top) * by));
    if (!drawing) pen.closePath();
    pen.lineWidth = 2 * ratio();
    pen.stroke();
  }
  pen.font = `600 ${13 * ratio()}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.lineWidth = 3 * ratio();
  pen.strokeStyle = look.paper;
  pen.fillStyle = look.ink;
  /** @type {[number, number, number][]} where names stand, of the more frequent values first: none is written over another */
  const taken = [];
  for (const { name, code, x, y } of labels) {
    if (!visible[code]) continue;
    const at = (x - left) * by, down = (y - top) * by, half = pen.measureText(name).width / 2;
    if (taken.some(([other, line, wide]) => Math.abs(line - down) < 15 * ratio() && Math.abs(other - at) < half + wide)) continue;
    taken.push([at, down, half]);
    pen.strokeText(name, at, down);
    pen.fillText(name, at, down);
  }
}

/** @returns {Set<number>} the values whose points lie among their own kind clearly more than chance would have it */
function together() {
  const grid = Math.max(2, Math.min(24, Math.round(Math.sqrt(atlas.n / 6))));
  /** @type {Map<number, Map<number, number>>} */
  const cells = new Map();
  const all = new Map(), near = new Map(), found = new Set();
  for (let one = 0; one < atlas.n; one++) {
    const key = ((xs[one] * grid) >> 16) * grid + ((ys[one] * grid) >> 16);
    const cell = cells.get(key) ?? new Map();
    cells.set(key, cell.set(codes[one], (cell.get(codes[one]) ?? 0) + 1));
    all.set(codes[one], (all.get(codes[one]) ?? 0) + 1);
  }
  for (const cell of cells.values()) {
    const count = [...cell.values()].reduce((sum, more) => sum + more, 0);
    for (const [code, own] of cell) near.set(code, (near.get(code) ?? 0) + (own * (own - 1)) / Math.max(1, count - 1));
  }
  for (const [code, count] of all) {
    const share = count / atlas.n;
    if ((near.get(code) ?? 0) / count > share + (1 - share) / 4) found.add(code);
  }
  return found;
}

/** Put each value's name where its points are densest. */
function findLabels() {
  const grid = 24, cells = new Map();
  for (let one = 0; one < atlas.n; one++) {
    const code = codes[one];
    if (!code || code > atlas.colours) continue;
    const key = (code * grid + ((xs[one] * grid) >> 16)) * grid + ((ys[one] * grid) >> 16);
    const cell = cells.get(key) ?? [code, 0, 0, 0];
    cell[1]++, (cell[2] += xs[one]), (cell[3] += ys[one]);
    cells.set(key, cell);
  }
  /** @type {Map<number, number[]>} */
  const best = new Map();
  for (const cell of cells.values()) if (cell[1] > (best.get(cell[0])?.[1] ?? 0)) best.set(cell[0], cell);
  const own = atlas.n < 3000 ? together() : null; // among many points the densest spot is a place in any case
  labels = [...best.values()].filter(([code]) => !own || own.has(code)).sort((one, other) => one[0] - other[0]).map(([code, count, x, y]) => {
    const name = atlas.names[code - 1] ?? "";
    return { name: name.length > 28 ? `${name.slice(0, 27)}…` : name, code, x: x / count, y: y / count };
  });
}

function redraw() {
  if (!asked) asked = requestAnimationFrame(draw);
}

// --- moving --------------------------------------------------------------------------------------------------------------------
let settled = 0;

/** @param {number} x @param {number} y @param {number} zoom */
function go(x, y, zoom) {
  view.zoom = Math.min(200, Math.max(1, zoom));
  view.x = Math.min(SIDE, Math.max(0, x));
  view.y = Math.min(SIDE, Math.max(0, y));
  redraw();
  clearTimeout(settled);
  settled = window.setTimeout(rest, 350);
}

/** The rectangle in sight, on the map: left, top, right, bottom. */
function box() {
  const wide = canvas.width / 2 / scale(), high = canvas.height / 2 / scale();
  const inside = (/** @type {number} */ value) => Math.round(Math.min(SIDE, Math.max(0, value)));
  return [view.x - wide, view.y - high, view.x + wide, view.y + high].map(inside);
}

/** @returns {URLSearchParams} what a link to this view holds */
function link() {
  const query = new URLSearchParams({ of: atlas.of, colour: atlas.colour });
  const words = /** @type {HTMLInputElement} */ (document.getElementById("q")).value.trim();
  if (words) query.set("q", words);
  if (lasso.length > 2) query.set("lasso", written(lasso));
  if (view.zoom > 1.001) for (const name of /** @type {const} */ (["x", "y"])) query.set(name, String(Math.round(view[name])));
  if (view.zoom > 1.001) query.set("zoom", view.zoom.toFixed(2));
  query.set("box", box().join("."));
  return query;
}

async function rest() {
  history.replaceState(null, "", `/explorer?${link()}`);
  await update(`/explorer/sight?${new URLSearchParams({ of: atlas.of, box: box().join(".") })}`);
}

/** @param {number} factor @param {number} [x] of the canvas @param {number} [y] */
function zoom(factor, x = canvas.width / 2, y = canvas.height / 2) {
  const by = scale(), next = Math.min(200, Math.max(1, view.zoom * factor)) / view.zoom;
  const away = (1 - 1 / next) / by;
  go(view.x + (x - canvas.width / 2) * away, view.y + (y - canvas.height / 2) * away, view.zoom * next);
}

/** @returns {{colour: string, name: string}[]} the colours that are shown, and grey once for all that have none of their own */
function legend() {
  const found = new Map();
  for (const box of boxes()) {
    const swatch = box.parentElement?.querySelector("rect"), code = Number(box.dataset.code);
    const own = code > 0 && code <= atlas.colours;
    if (!box.checked || !swatch) continue;
    found.set(own ? code : 0, { colour: getComputedStyle(swatch).fill, name: own ? box.parentElement?.querySelector(".grow")?.textContent ?? "" : "none or another" });
  }
  return [...found.values()];
}

const step = () => Math.min(canvas.width, canvas.height) / 5 / scale();
/** @type {Record<string, () => void>} */
const acts = {
  in: () => zoom(1.6),
  out: () => zoom(1 / 1.6),
  left: () => go(view.x - step(), view.y, view.zoom),
  right: () => go(view.x + step(), view.y, view.zoom),
  up: () => go(view.x, view.y - step(), view.zoom),
  down: () => go(view.x, view.y + step(), view.zoom),
  all: () => go(SIDE / 2, SIDE / 2, 1),
  lasso: () => lassoing(!canvas.classList.contains("lasso")),
  list: () => {
    const [left, top, right, bottom] = box();
    taken([[left, top], [right, top], [right, bottom], [left, bottom]]);
  },
  picture: () => {
    fine = true; // two pixels for one, also where the screen has but one
    draw();
    const about = document.querySelector('[data-do="picture"]')?.getAttribute("data-caption") ?? "";
    keep(captioned(canvas, about, getComputedStyle(canvas.parentElement ?? canvas).backgroundColor, 2, legend()), `map ${atlas.of}`);
    fine = false;
    redraw();
  },
  name: () => named(canvas.width / 2, canvas.height / 2, Infinity),
};
const KEYS = { "+": "in", "=": "in", "-": "out", "−": "out", 0: "all", ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", l: "list", Enter: "name" };

/** @param {boolean} on */
function lassoing(on) {
  canvas.classList.toggle("lasso", on);
  document.querySelector('[data-do="lasso"]')?.setAttribute("aria-pressed", String(on));
  if (on) say("Draw round the points that you want; the list follows.");
}

/** @param {[number, number][]} corners */
async function taken(corners) {
  const every = Math.max(1, Math.ceil(corners.length / 60));
  lasso = corners.filter((_, at) => at % every === 0);
  lassoing(false);
  redraw();
  if (lasso.length < 3) return void (lasso = []);
  /** @type {HTMLInputElement} */ (document.getElementById("q")).value = "";
  hits = new Uint32Array(0);
  await update(`/explorer?${new URLSearchParams({ of: atlas.of, lasso: written(lasso) })}`);
  history.replaceState(null, "", `/explorer?${link()}`);
}

/** Name the visible point nearest to a spot of the canvas. @param {number} x @param {number} y @param {number} most pixels away */
function named(x, y, most) {
  const by = scale(), at = [view.x + (x - canvas.width / 2) / by, view.y + (y - canvas.height / 2) / by];
  let best = -1, near = (most / by) ** 2;
  for (let one = 0; one < atlas.n; one++) {
    const far = (xs[one] - at[0]) ** 2 + (ys[one] - at[1]) ** 2;
    if (far < near && visible[codes[one]]) (near = far), (best = one);
  }
  if (best >= 0) update(`/explorer/point?${new URLSearchParams({ of: atlas.of, n: String(best) })}`);
}

// --- pointers and keys -----------------------------------------------------------------------------------------------------------
/** @type {Map<number, [number, number]>} */
const held = new Map();
let moved = 0;
/** @param {PointerEvent | WheelEvent} event @returns {[number, number]} */
const spot = (event) => [event.offsetX * ratio(), event.offsetY * ratio()];
/** @param {[number, number]} at @returns {[number, number]} */
const onMap = ([x, y]) => [view.x + (x - canvas.width / 2) / scale(), view.y + (y - canvas.height / 2) / scale()];

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  held.set(event.pointerId, spot(event));
  moved = 0;
  if (canvas.classList.contains("lasso")) (drawing = true), (lasso = [onMap(spot(event))]);
});
canvas.addEventListener("pointermove", (event) => {
  const before = held.get(event.pointerId);
  if (!before) return;
  const now = spot(event);
  const apart = spread();
  held.set(event.pointerId, now);
  moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
  if (drawing) return lasso.push(onMap(now)), redraw();
  go(view.x - (now[0] - before[0]) / held.size / scale(), view.y - (now[1] - before[1]) / held.size / scale(), view.zoom);
  if (held.size === 2 && apart > 0) zoom(spread() / apart, ...middle());
});
canvas.addEventListener("pointerup", (event) => {
  held.delete(event.pointerId);
  if (drawing) return (drawing = false), void taken(lasso);
  if (moved < 4 * ratio()) named(...spot(event), 12 * ratio());
});
canvas.addEventListener("pointercancel", (event) => {
  held.delete(event.pointerId);
  drawing = false;
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) / 250), ...spot(event));
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const act = event.ctrlKey || event.metaKey || event.altKey ? "" : /** @type {Record<string, string>} */ (KEYS)[event.key];
  if (!act) return;
  event.preventDefault();
  acts[act]();
});

function spread() {
  const [one, other] = [...held.values()];
  return other ? Math.hypot(one[0] - other[0], one[1] - other[1]) : 0;
}
/** @returns {[number, number]} */
function middle() {
  const [one, other] = [...held.values()];
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
}

// --- what stands beside the map ---------------------------------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-do], [data-legend]") : null;
  if (!(button instanceof HTMLElement)) return;
  if (button.dataset.do) acts[button.dataset.do]?.();
  if (button.dataset.legend) {
    for (const box of boxes()) box.checked = button.dataset.legend === "all";
    shown();
  }
});
document.getElementById("legend")?.addEventListener("change", shown);
document.getElementById("colour-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = link();
  query.set("colour", /** @type {HTMLSelectElement} */ (document.getElementById("colour")).value);
  location.assign(`/explorer?${query}`);
});
document.getElementById("search-form")?.addEventListener("submit", () => {
  lasso = [];
  find().then(() => history.replaceState(null, "", `/explorer?${link()}`));
});

/** @returns {HTMLInputElement[]} */
const boxes = () => [...document.querySelectorAll("#legend [data-code]")].filter((one) => one instanceof HTMLInputElement);

function shown() {
  const all = boxes();
  const listed = new Set(all.map((one) => Number(one.dataset.code)));
  const rest = all.find((one) => one.dataset.code === "0")?.checked ?? true;
  for (let code = 0; code < 256; code++) if (!listed.has(code)) visible[code] = Number(rest);
  for (const one of all) visible[Number(one.dataset.code)] = Number(one.checked);
  redraw();
}

/** @param {string} name @param {Record<string, string>} query */
async function bytes(name, query) {
  const reply = await fetch(`/explorer/${name}?${new URLSearchParams(query)}`, { credentials: "same-origin" });
  if (reply.ok) return reply.arrayBuffer();
  place(await reply.text(), reply.headers.get("content-type") ?? "");
  return new ArrayBuffer(0);
}

async function find() {
  const words = /** @type {HTMLInputElement} */ (document.getElementById("q")).value.trim();
  hits = words && !lasso.length ? new Uint32Array(await bytes("hits.bin", { of: atlas.of, q: words })) : new Uint32Array(0);
  redraw();
}

async function begin() {
  const [places, coded] = await Promise.all([
    bytes("points.bin", { of: atlas.of }),
    atlas.colour ? bytes("field.bin", { of: atlas.of, colour: atlas.colour }) : new ArrayBuffer(atlas.n),
  ]);
  if (places.byteLength !== atlas.n * 4 || coded.byteLength !== atlas.n) return say("The map has changed; load the page again.");
  xs = new Uint16Array(places, 0, atlas.n);
  ys = new Uint16Array(places, atlas.n * 2, atlas.n);
  codes = new Uint8Array(coded);
  findLabels();
  shown();
  await find();
  canvas.dataset.ready = "true";
}

new ResizeObserver(redraw).observe(canvas);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
begin();
