// The code to the clipboard.

import { $ } from "./panels.js";

let fading;

export async function copy() {
  clearTimeout(fading);
  try {
    await navigator.clipboard.writeText($("code").textContent);
    tell("Copied");
  } catch {
    // Without https the browser lends no clipboard, but copies what is selected.
    window.getSelection().selectAllChildren($("code"));
    tell(document.execCommand("copy") ? "Copied" : "Press Ctrl+C");
  }
}

/** What happened goes by itself; what its reader has to do stays. */
function tell(words) {
  $("copy").textContent = words;
  $("copied").replaceChildren(words);
  if (words === "Copied") {
    fading = setTimeout(() => {
      $("copy").textContent = "Copy";
      $("copied").replaceChildren();
    }, 2000);
  }
}
