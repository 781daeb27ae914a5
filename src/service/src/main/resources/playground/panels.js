// The parts of the page that are filled from answers.

import { colour, drawHeat } from "./drawing.js";

export const $ = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** What is hidden would lose the focus to nothing: it goes to what was found. */
export function hide(place, when = true) {
  if (when && place.contains(document.activeElement)) {
    $("summary").focus();
  }
  place.hidden = when;
}

function swatch(classId) {
  const made = element("span", { className: "swatch" });
  made.style.setProperty("--colour", colour(classId));
  return made;
}

/** A button a label. Made once a model: one that a frame replaced between press and release would not be clicked. */
export function makeLabels(model, toggle) {
  $("labels").replaceChildren(...model.labels.map((label, at) => {
    const button = element("button", { type: "button" }, swatch(model.class_ids[at]), element("span"));
    button.dataset.label = label;
    button.addEventListener("click", () => toggle(label));
    return button;
  }));
}

export function showLabels(counts, hidden) {
  for (const button of $("labels").children) {
    const { label } = button.dataset;
    button.lastChild.textContent = `${label} ${counts.get(label)}`;
    button.setAttribute("aria-pressed", String(!hidden.has(label)));
  }
}

const NUMBERS = 5;

/** Looked at by mouse or by keyboard: Tab comes to the first row, arrows go on from there. */
function makeRow(first, lookAt) {
  const row = element("tr", { tabIndex: first ? 0 : -1 }, element("td"));
  for (let i = 0; i < NUMBERS; i++) {
    row.append(element("td", { className: "number" }));
  }
  row.addEventListener("mouseenter", () => lookAt(row.sectionRowIndex));
  row.addEventListener("mouseleave", () => lookAt(null));
  row.addEventListener("focus", () => lookAt(row.sectionRowIndex));
  row.addEventListener("blur", () => lookAt(null));
  row.addEventListener("keydown", (event) => {
    const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
  return row;
}

/**
 * A row an object. Rows stay from frame to frame, and so do mouse and focus on one of them.
 * @param none says why where there is none
 */
export function showBoxes(detections, none, lookAt) {
  $("found-empty").textContent = none;
  $("found-empty").hidden = detections.length > 0;
  hide($("found").querySelector(".scroll"), detections.length === 0);
  const body = $("boxes").tBodies[0];
  while (body.rows.length > detections.length) {
    hide(body.rows[body.rows.length - 1]);
    body.deleteRow(-1);
  }
  while (body.rows.length < detections.length) {
    body.append(makeRow(body.rows.length === 0, lookAt));
  }
  detections.forEach((found, at) => {
    const { x_min: left, y_min: top, x_max: right, y_max: bottom } = found.box;
    const [label, ...numbers] = body.rows[at].cells;
    label.replaceChildren(swatch(found.class_id), found.label);
    [found.score.toFixed(3), left.toFixed(0), top.toFixed(0), (right - left).toFixed(0), (bottom - top).toFixed(0)]
        .forEach((number, i) => { numbers[i].textContent = number; });
  });
}

const THUMBNAIL = { width: 216, height: 156 };
const STAGES = ["queue", "decode", "preprocess", "infer", "postprocess", "total"];

/** The times of one answer, or medians of each backend's answers side by side. */
export function showTimes(byBackend) {
  hide($("times").parentElement, byBackend === null);
  hide($("compare"), byBackend === null);
  if (byBackend === null) {
    $("times-note").ariaLive = "off";
    $("times-note").textContent = "Shown once a photo has been answered.";
    return;
  }
  const median = (answers, stage) => {
    const sorted = answers.map((answer) => answer.timings_ms[stage]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };
  const backends = [...byBackend.keys()].sort();
  const head = $("times").tHead.rows[0];
  head.replaceChildren(element("th", { scope: "col", textContent: "ms" }), ...backends.map(
      (name) => element("th", { scope: "col", className: "number", textContent: name })));
  $("times").tBodies[0].replaceChildren(...STAGES.map((stage) => {
    const row = element("tr", {}, element("th", { scope: "row", textContent: stage }));
    for (const name of backends) {
      const ms = median(byBackend.get(name), stage);
      row.append(element("td", { className: "number", textContent: ms.toFixed(2) }));
    }
    return row;
  }));
  if (backends.length < 2) {
    $("times-note").textContent = "Of one answer, spike maps included.";
    return;
  }
  const answers = byBackend.get(backends[0]).length;
  const whole = backends.map((name) => JSON.stringify(byBackend.get(name)[0].detections));
  const same = whole.every((detections) => detections === whole[0]);
  $("times-note").textContent = `Medians of ${answers} answers. ${same
      ? "Both give the same boxes to the last digit." : "The backends differ: please report this."}`;
}

/** The middle of a photo, which is let go: a phone has no room for many. */
export async function thumbnail(file) {
  const photo = await createImageBitmap(file);
  const { width, height } = THUMBNAIL;
  const canvas = element("canvas", { width, height });
  const scale = Math.max(width / photo.width, height / photo.height);
  const [wide, high] = [photo.width * scale, photo.height * scale];
  canvas.getContext("2d").drawImage(photo, (width - wide) / 2, (height - high) / 2, wide, high);
  photo.close();
  return canvas;
}

/** A button a layer, with its heat on the photo. */
export function showSpikes(explained, image, choose) {
  $("spikes-empty").hidden = explained !== null;
  if (explained === null) {
    $("spikes").replaceChildren();
    return;
  }
  const { spike_maps: maps, spike_rates: rates } = explained;
  $("spikes").replaceChildren(...maps.layers.map((layer, l) => {
    const small = element("canvas", { width: 240 });
    small.height = Math.round((240 * image.height) / image.width);
    drawHeat(small, image, maps, layer);
    const percent = (rate) => `${(100 * rate).toFixed(1)} %`;
    const button = element("button", { type: "button" }, small,
        element("span", { className: "name", textContent: layer.layer }),
        element("span", {
          className: "rates",
          textContent: `${percent(rates[l].rate)} · trained ${percent(rates[l].training_rate)}`,
        }));
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const next = button.getAttribute("aria-pressed") === "true" ? null : layer;
      for (const other of $("spikes").children) {
        other.setAttribute("aria-pressed", String(next !== null && other === button));
      }
      choose(next);
    });
    return button;
  }));
}
