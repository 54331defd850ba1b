// @ts-check
/**
 * The reader study's clock: shows the time since the case was opened, and counts for how long the page was in view, which is
 * sent with the list. Times that count for the study are taken by the server.
 */

const shown = document.getElementById("passed");
const start = Number(document.querySelector("[data-passed]")?.getAttribute("data-passed") ?? 0);
const began = performance.now();
let inView = 0;
let since = document.visibilityState === "visible" ? began : null;

document.addEventListener("visibilitychange", () => {
  const now = performance.now();
  if (since !== null) inView += now - since;
  since = document.visibilityState === "visible" ? now : null;
});

setInterval(() => {
  const passed = Math.floor(start + (performance.now() - began) / 1000);
  if (shown) shown.textContent = `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, "0")}`;
}, 1000);

document.getElementById("list-form")?.addEventListener("submit", (event) => {
  const field = event.target instanceof HTMLFormElement ? event.target.elements.namedItem("in_view") : null;
  const seconds = (inView + (since === null ? 0 : performance.now() - since)) / 1000;
  if (field instanceof HTMLInputElement) field.value = seconds.toFixed(1);
});
