// @ts-check
/** While a map is being made: looks every second how far it is, and loads the page again when it is done. */
import { update } from "./osler.js";

async function look() {
  const box = document.getElementById("making");
  if (box?.dataset.state !== "running") return;
  await update(`/explorer/making?of=${encodeURIComponent(box.dataset.of ?? "")}`);
  if (document.getElementById("making")?.dataset.state === "done") location.reload();
  else setTimeout(look, 1000);
}
setTimeout(look, 1000);
