// The page as the answer and the controls would have it.

import { camera } from "./camera.js";
import { drawBoxes, drawHeat, drawPhoto, fit } from "./drawing.js";
import { $, hide, showBoxes, showLabels } from "./panels.js";
import { snippet } from "./snippets.js";
import { detections, everything, hidesAll, iou, query, score, state } from "./state.js";

export function draw(found) {
  const { image } = state;
  const drop = $("drop");
  const room = { width: drop.clientWidth, height: Math.max(240, Math.min(window.innerHeight * 0.72, 760)) };
  const scale = fit($("canvas"), image.width, image.height, room);
  if (state.layer !== null) {
    drawHeat($("canvas"), image, state.answer.spike_maps, state.layer);
  } else {
    drawPhoto($("canvas"), image);
  }
  drawBoxes($("canvas"), found, scale, found[state.lookedAt]);
  const words = state.answer === null ? "" : ` ${$("summary").textContent}`;
  $("canvas").ariaLabel = `Photo ${state.photo.name}.${words}`;
}

/** Everything that follows from the answer and the controls; asks nobody. */
export function refresh() {
  $("score-value").value = score().toFixed(2);
  $("iou-value").value = iou().toFixed(2);
  hide($("empty"), state.photo !== null);
  $("canvas").hidden = state.photo === null;
  if (state.model === null) {
    if (state.photo !== null) {
      draw([]);
    }
    return;
  }
  const language = document.querySelector("[name=language]:checked").value;
  $("code").textContent = hidesAll() ? "" : snippet(language, query(), $("key").value !== "");
  $("copy").hidden = hidesAll();
  hide($("picture"), state.photo === null || state.answer === null || camera.live || hidesAll());
  const counts = new Map(state.model.labels.map((label) => [label, 0]));
  if (state.photo === null || state.answer === null) {
    showLabels(counts, state.hidden);
    showBoxes([], "Nothing yet.", look);
    if (state.photo !== null) {
      draw([]);
    }
    return;
  }
  const all = everything();
  for (const { label } of all) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const found = detections(all);
  if (found[state.lookedAt] === undefined) {
    // Its row goes, and no mouse leaves it.
    state.lookedAt = null;
  }
  showLabels(counts, state.hidden);
  const shown = [...counts].filter(([label, n]) => n > 0 && !state.hidden.has(label)).map(([label, n]) => `${n} ${label}`);
  const nothing = hidesAll() ? "All labels are hidden." : "Nothing found at this score.";
  const words = found.length === 0 ? nothing : `Found ${shown.join(", ")}.`;
  if ($("summary").textContent !== words) {
    $("summary").textContent = words;
  }
  showBoxes(found, nothing, look);
  draw(found);
}

export function toggle(label) {
  if (!state.hidden.delete(label)) {
    state.hidden.add(label);
  }
  refresh();
}

function look(row) {
  state.lookedAt = row;
  if (state.photo !== null && state.answer !== null) {
    draw(detections());
  }
}
