// @ts-check
/**
 * Parts of a page saved as PNG: drawn anew on a canvas, twice as fine as on the screen, in the colours that the page has.
 *
 * A button with `data-picture` is for the figure or section that it stands in, or for what its value selects there. Each SVG is drawn
 * from a copy that has its computed look in attributes, since no style sheet reaches it there; its address is a `data:` one, as the
 * policy allows. Words, grounds and lines around it are drawn where they stand. What is not printed is left out. Below stands the
 * button's `data-caption`: what the picture is of, and under what condition it holds.
 */
import { say } from "./osler.js";

const LOOK = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "vector-effect", "visibility",
  "font-family", "font-size", "font-style", "font-weight", "text-anchor",
];
const OUT = ".no-print, .unseen, noscript, script, input, select, textarea";
const FINE = 2, MARGIN = 12, MOST = 8192;

/** @typedef {(pen: CanvasRenderingContext2D) => void} Draw */
/** @typedef {{draws: (Draw | Promise<Draw>)[], left: number, top: number, right: number, bottom: number}} Sheet */

/** @param {string} colour computed @returns {boolean} whether anything is to be seen of it */
const opaque = (colour) => !/^(transparent|rgba\(.*, 0\))$/.test(colour);

/** @param {Sheet} sheet @param {DOMRect} box what is drawn there */
function widen(sheet, box) {
  sheet.left = Math.min(sheet.left, box.left), sheet.right = Math.max(sheet.right, box.right);
  sheet.top = Math.min(sheet.top, box.top), sheet.bottom = Math.max(sheet.bottom, box.bottom);
}

/** @param {SVGSVGElement} svg @param {Sheet} sheet */
function figure(svg, sheet) {
  const box = svg.getBoundingClientRect();
  if (!box.width || !box.height) return;
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
  const made = [copy, ...copy.querySelectorAll("*")];
  for (const [at, one] of [svg, ...svg.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(one);
    for (const name of LOOK) made[at].setAttribute(name, style.getPropertyValue(name));
    made[at].removeAttribute("class");
  }
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
  copy.setAttribute("width", String(box.width));
  copy.setAttribute("height", String(box.height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  sheet.draws.push(image.decode().then(() => (pen) => pen.drawImage(image, box.left, box.top, box.width, box.height)));
  widen(sheet, box);
}

/** Grounds and borders of an element. @param {Element} one @param {Sheet} sheet */
function ground(one, sheet) {
  const style = getComputedStyle(one);
  const [colour, line, round] = [style.backgroundColor, style.borderBottomColor, parseFloat(style.borderTopLeftRadius) || 0];
  const wide = style.borderBottomStyle === "none" ? 0 : parseFloat(style.borderBottomWidth);
  const whole = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0;
  if (!opaque(colour) && !wide) return;
  for (const box of one.getClientRects()) {
    sheet.draws.push((pen) => {
      pen.beginPath();
      pen.roundRect(box.left, box.top, box.width, box.height, round);
      (pen.fillStyle = colour), pen.fill();
      (pen.strokeStyle = line), (pen.lineWidth = wide), (pen.fillStyle = line);
      if (wide && whole) pen.stroke();
      else if (wide) pen.fillRect(box.left, box.bottom - wide, box.width, wide);
    });
  }
}

/** The words of a text, each on its line. @param {Text} text @param {Sheet} sheet */
function words(text, sheet) {
  if (!text.parentElement) return;
  const style = getComputedStyle(text.parentElement);
  const font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`, colour = style.color;
  const range = document.createRange();
  /** @param {number} from @param {string} word */
  const put = (from, word) => {
    range.setStart(text, from), range.setEnd(text, from + word.length);
    const boxes = range.getClientRects();
    // A word that is broken over lines is put letter by letter.
    if (boxes.length > 1 && word.length > 1) return void [...word].reduce((at, letter) => (put(at, letter), at + letter.length), from);
    const box = boxes[0];
    if (!box?.width) return;
    widen(sheet, box);
    sheet.draws.push((pen) => {
      (pen.font = font), (pen.fillStyle = colour);
      const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = pen.measureText(word);
      pen.fillText(word, box.left, box.top + (box.height - up - down) / 2 + up);
    });
  };
  for (const found of text.data.matchAll(/\S+/g)) put(found.index, found[0]);
}

/** @param {Node} node @param {Sheet} sheet */
function gather(node, sheet) {
  if (node instanceof Text) return words(node, sheet);
  if (!(node instanceof Element) || node.matches(OUT) || !node.checkVisibility()) return;
  if (node instanceof SVGSVGElement) return figure(node, sheet);
  ground(node, sheet);
  node.childNodes.forEach((one) => gather(one, sheet));
}

/** @param {Element} part @returns {string} the colour that it stands on */
function paper(part) {
  for (let at = /** @type {Element | null} */ (part); at; at = at.parentElement) {
    if (opaque(getComputedStyle(at).backgroundColor)) return getComputedStyle(at).backgroundColor;
  }
  return "white";
}

/** Measure a part at one go, as it is without what is not printed; nothing of that comes to be seen. @param {Element} part */
function measured(part) {
  const out = [...part.querySelectorAll(".no-print:not([hidden])")], [x, y] = [scrollX, scrollY];
  const focused = document.activeElement;
  out.forEach((one) => one.setAttribute("hidden", ""));
  const { left, top, right, bottom } = part.getBoundingClientRect();
  const sheet = /** @type {Sheet} */ ({ draws: [], left, top, right, bottom });
  gather(part, sheet);
  out.forEach((one) => one.removeAttribute("hidden"));
  scrollTo(x, y);
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return sheet;
}

const LETTERS = "13px system-ui, sans-serif", LINE = 18, NARROW = 320;

/** Lines no wider than there is room. @param {CanvasRenderingContext2D} pen @param {string} words @param {number} room */
function broken(pen, words, room) {
  pen.font = LETTERS;
  return words.split("\n").flatMap((line) => {
    const rows = [""];
    for (const word of line.split(/\s+/).filter(Boolean)) {
      const longer = `${rows[rows.length - 1]} ${word}`.trim();
      if (rows[rows.length - 1] && pen.measureText(longer).width > room) rows.push(word);
      else rows[rows.length - 1] = longer;
    }
    return rows[0] ? rows : [];
  });
}

/** Where the entries of a legend stand below one another and side by side. @param {CanvasRenderingContext2D} pen @param {Entry[]} legend @param {number} room */
function laid(pen, legend, room) {
  pen.font = LETTERS;
  let [across, down] = [0, 0];
  return legend.map(({ colour, name }) => {
    const wide = Math.min(room, pen.measureText(name).width + 36);
    if (across && across + wide > room) (across = 0), down++;
    const place = { colour, name, across, down };
    across += wide;
    return place;
  });
}

/** @typedef {{colour: string, name: string}} Entry a colour of a legend and what it stands for */

/**
 * A picture with a legend and a caption below it.
 * @param {HTMLCanvasElement} picture
 * @param {string} words a line of them, or several
 * @param {string} colour that it stands on
 * @param {number} fine pixels for one
 * @param {Entry[]} [legend]
 * @returns {HTMLCanvasElement}
 */
export function captioned(picture, words, colour, fine, legend = []) {
  const canvas = document.createElement("canvas");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  const wide = Math.max(picture.width / fine, NARROW);
  const rows = broken(pen, words, wide - 2 * MARGIN), entries = laid(pen, legend, wide - 2 * MARGIN);
  const key = entries.length ? entries[entries.length - 1].down + 1 : 0, lines = key + rows.length;
  (canvas.width = Math.round(wide * fine)), (canvas.height = picture.height + Math.round((lines * LINE + (lines && 2 * MARGIN)) * fine));
  (pen.fillStyle = colour), pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0);
  pen.setTransform(fine, 0, 0, fine, MARGIN * fine, picture.height + MARGIN * fine);
  pen.font = LETTERS;
  pen.textBaseline = "top";
  for (const { colour: own, name, across, down } of entries) {
    (pen.fillStyle = own), pen.fillRect(across, down * LINE + 1, 12, 12);
    (pen.fillStyle = getComputedStyle(document.body).color), pen.fillText(name, across + 18, down * LINE);
  }
  pen.fillStyle = getComputedStyle(document.body).color;
  rows.forEach((row, at) => pen.fillText(row, 0, (key + at) * LINE));
  return canvas;
}

/** @param {Element} part @param {string} caption @returns {Promise<HTMLCanvasElement>} */
async function drawn(part, caption) {
  const colour = paper(part), sheet = measured(part);
  const wide = sheet.right - sheet.left + 2 * MARGIN, high = sheet.bottom - sheet.top + 2 * MARGIN;
  const fine = Math.min(FINE, MOST / wide, MOST / high);
  const canvas = document.createElement("canvas");
  (canvas.width = Math.round(wide * fine)), (canvas.height = Math.round(high * fine));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  pen.fillStyle = colour;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(fine, 0, 0, fine, (MARGIN - sheet.left) * fine, (MARGIN - sheet.top) * fine);
  for (const draw of await Promise.all(sheet.draws)) draw(pen);
  return captioned(canvas, caption, colour, fine);
}

/**
 * Have the browser save a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {string} name of the file, without its ending
 */
export async function keep(canvas, name) {
  const blob = await new Promise((done) => canvas.toBlob(done));
  if (!(blob instanceof Blob)) return say("The picture could not be made.");
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = `${name.replace(/[^\w.-]+/g, "_") || "picture"}.png`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

// Without this script the buttons would do nothing, so they are hidden until it is there.
const offer = () => document.querySelectorAll("[data-picture][hidden]").forEach((one) => one.removeAttribute("hidden"));
document.addEventListener("osler:placed", offer);
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-picture]") : null;
  const around = button?.closest("figure, section");
  if (!(button instanceof HTMLElement) || !around) return;
  const part = button.dataset.picture ? around.querySelector(button.dataset.picture) : around;
  if (!part) return;
  try {
    await keep(await drawn(part, button.dataset.caption ?? ""), button.dataset.name ?? "");
  } catch {
    say("The picture could not be made.");
  }
});
offer();
