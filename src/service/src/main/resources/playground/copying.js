// The code to the clipboard.

import { $ } from "./panels.js";

export async function copy() {
  try {
    await navigator.clipboard.writeText($("code").textContent);
    $("copy").textContent = "Copied";
  } catch {
    // Without https the browser lends no clipboard, but copies what is selected.
    window.getSelection().selectAllChildren($("code"));
    $("copy").textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
  }
  setTimeout(() => { $("copy").textContent = "Copy"; }, 2000);
}
