// @ts-check
/** The notes view: a question may be spoken where the browser can do that; the words are put into the field, and nothing is sent by itself. */
import { say } from "./osler.js";

/** @typedef {{lang: string, interimResults: boolean, start(): void, stop(): void, onresult: ((event: any) => void) | null, onerror: ((event: any) => void) | null, onend: (() => void) | null}} Recognition */

/** @type {(new () => Recognition) | undefined} */
const Speech = /** @type {any} */ (window).SpeechRecognition ?? /** @type {any} */ (window).webkitSpeechRecognition;

/** Show the button where the browser can recognise speech. */
function offer() {
  if (!Speech) return;
  document.querySelectorAll("[data-speech], [data-speech-note]").forEach((one) => one.removeAttribute("hidden"));
}

/** @param {HTMLElement} button */
function listen(button) {
  if (!Speech) return;
  const field = document.getElementById("question");
  if (!(field instanceof HTMLInputElement)) return;
  const heard = new Speech();
  heard.lang = document.documentElement.lang || "en";
  heard.interimResults = false;
  heard.onresult = (event) => {
    field.value = String(event.results[0][0].transcript).trim();
    field.focus();
    say("Heard. Check the words, then ask.");
  };
  heard.onerror = () => say("Nothing was understood; type the question.");
  heard.onend = () => button.removeAttribute("aria-pressed");
  button.setAttribute("aria-pressed", "true");
  say("Listening.");
  heard.start();
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-speech]") : null;
  if (button instanceof HTMLElement) listen(button);
});

/** Bring the best extract into view within its note. */
function reveal() {
  offer();
  const mark = document.querySelector("mark.best");
  const box = mark?.closest(".source");
  if (mark instanceof HTMLElement && box instanceof HTMLElement) box.scrollTop = mark.offsetTop - box.offsetTop - box.clientHeight / 3;
}
document.addEventListener("osler:placed", reveal);
reveal();
