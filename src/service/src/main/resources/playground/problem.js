// What went wrong, told where it happened.

import { $, hide } from "./panels.js";

let retry = null;

/** @param again what to do when its reader wants another try; null where that would end the same */
export function fail(problem, again) {
  if (problem.name === "AbortError") {
    return;
  }
  // A new node, as the same words in the old one are no change, and so are not read out.
  $("problem").replaceChildren(problem.message);
  $("problem").hidden = false;
  if (problem.status === 401) {
    $("key-row").hidden = false;
    // A link brings no key.
    $("open").hidden = true;
    again = null;
  }
  retry = again;
  $("again").hidden = again === null;
  (again === null ? $("problem") : $("again")).scrollIntoView({ block: "nearest" });
}

/** Each try begins with this: an error that stays is not read out a second time, and outlives what mends it. */
export function settle() {
  $("problem").hidden = true;
  hide($("again"));
}

/** Files that are no photos stand in a line of their own: the others are asked for meanwhile. */
export function refuse(names) {
  $("refused").hidden = names.length === 0;
  const all = new Intl.ListFormat("en").format(names);
  $("refused").textContent = names.length === 1
      ? `${all} is not a photo that this browser can show.`
      : `${all} are not photos that this browser can show.`;
}

$("again").addEventListener("click", () => retry());
