// The playground: what is chosen, what was answered, and what follows from both.

import { Camera, FrameRate } from "./camera.js";
import { drawBoxes, drawHeat, drawPhoto, fit } from "./drawing.js";
import { suppress } from "./nms.js";
import { $, element, makeLabels, showBoxes, showLabels, showSpikes, showTimes } from "./panels.js";
import * as service from "./service.js";
import { snippet } from "./snippets.js";

const MAX_DETECTIONS = 300;
const TIMED_ANSWERS = 3;
const EXAMPLES = new Map([
  ["popsight-street", "/playground/example-street.jpg"],
  ["popsight-cells", "/playground/example-cells.jpg"],
]);

const state = {
  listing: null,
  model: null,
  backend: "",
  hidden: new Set(),
  photos: [],
  photo: null,
  answer: null,
  explained: null,
  layer: null,
  lookedAt: null,
};
const camera = new Camera();
let asking = new AbortController();

function fail(problem) {
  if (problem.name === "AbortError") {
    return;
  }
  $("problem").textContent = problem.message;
  $("problem").hidden = false;
  if (problem.status === 401) {
    $("key-row").hidden = false;
  }
}

const score = () => Number($("score").value);
const iou = () => Number($("iou").value);

function everything() {
  return suppress(state.answer.detections, score(), iou());
}

/** What the server would answer to the controls as they are: labels are sieved before the number is cut. */
function detections(all = everything()) {
  return all.filter((found) => !state.hidden.has(found.label)).slice(0, MAX_DETECTIONS);
}

/** No request asks for no label at all. */
function hidesAll() {
  return state.hidden.size === state.model.labels.length;
}

function query() {
  const asked = new URLSearchParams({ model: state.model.name });
  if (state.backend !== state.listing.default_backend) {
    asked.set("backend", state.backend);
  }
  asked.set("min_score", score());
  asked.set("iou", iou());
  if (state.hidden.size > 0) {
    asked.set("labels", state.model.labels.filter((label) => !state.hidden.has(label)).join(","));
  }
  return asked;
}

function draw(found) {
  const { image } = state.photo;
  const drop = $("drop");
  const room = { width: drop.clientWidth, height: Math.max(240, Math.min(window.innerHeight * 0.72, 760)) };
  const scale = fit($("canvas"), image.width, image.height, room);
  if (state.layer !== null && state.explained !== null) {
    drawHeat($("canvas"), image, state.explained.spike_maps, state.layer);
  } else {
    drawPhoto($("canvas"), image);
  }
  drawBoxes($("canvas"), found, scale, found[state.lookedAt]);
}

/** Everything that follows from the answer and the controls; asks nobody. */
function refresh() {
  $("score-value").value = score().toFixed(2);
  $("iou-value").value = iou().toFixed(2);
  if (state.model === null) {
    return;
  }
  const language = document.querySelector("[name=language]:checked").value;
  $("code").textContent = hidesAll() ? "" : snippet(language, query(), $("key").value !== "");
  $("empty").hidden = state.photo !== null;
  $("canvas").hidden = state.photo === null;
  $("picture").hidden = state.photo === null || state.answer === null || camera.live || hidesAll();
  const counts = new Map();
  if (state.photo === null || state.answer === null) {
    showLabels(counts, state.hidden);
    showBoxes([], look);
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
  showBoxes(found, look);
  const shown = [...counts].filter(([label]) => !state.hidden.has(label)).map(([label, n]) => `${n} ${label}`);
  const words = found.length === 0 ? "Nothing found at this score." : `Found ${shown.join(", ")}.`;
  if ($("summary").textContent !== words) {
    $("summary").textContent = words;
  }
  $("canvas").setAttribute("aria-label", `Photo ${state.photo.name}. ${words}`);
  draw(found);
}

function toggle(label) {
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

/** Asks for the current photo, then the other backend for its time, then for the spikes. */
async function answer() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const { photo, model, backend } = state;
  Object.assign(state, { answer: null, explained: null, layer: null, lookedAt: null });
  $("problem").hidden = true;
  if (photo === null || model === null || camera.live) {
    return;
  }
  refresh();
  $("summary").textContent = "Looking …";
  try {
    state.answer = await service.candidates(photo.blob, model.name, backend, signal);
    refresh();
    const times = new Map([[backend, [state.answer]]]);
    showTimes(times);
    state.explained = await service.spikes(photo.blob, model.name, backend, signal);
    showSpikes(state.explained, photo.image, (layer) => {
      state.layer = layer;
      draw(detections());
    });
    // Both the same number of times, so that neither is the cold one.
    for (const name of model.backends) {
      const answers = [];
      for (let i = 0; i < TIMED_ANSWERS; i++) {
        answers.push(await service.candidates(photo.blob, model.name, name, signal));
      }
      times.set(name, answers);
    }
    showTimes(times);
  } catch (problem) {
    if (problem.name !== "AbortError") {
      $("summary").textContent = "";
    }
    fail(problem);
  }
}

function choosePhoto(photo) {
  state.photo = photo;
  for (const button of $("photos").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.photo === photo));
  }
  showSpikes(null);
  return answer();
}

async function addPhotos(files) {
  if (files.length === 0) {
    // Text was pasted or dropped.
    return;
  }
  if (camera.live) {
    stopCamera();
  }
  let first = null;
  for (const file of files) {
    let image;
    try {
      image = await createImageBitmap(file);
    } catch {
      fail(new Error(`${file.name || "What was pasted"} is not a photo that this browser can show.`));
      continue;
    }
    const photo = { name: file.name || "pasted", blob: file, image };
    state.photos.push(photo);
    first ??= photo;
    const preview = element("img", { src: URL.createObjectURL(file), alt: photo.name });
    const button = element("button", { type: "button", photo }, preview);
    button.addEventListener("click", () => choosePhoto(photo));
    $("photos").append(element("li", {}, button));
  }
  $("photos").hidden = state.photos.length < 2;
  if (first !== null) {
    await choosePhoto(first);
  }
}

function stopCamera() {
  camera.stop();
  $("camera").textContent = "Camera";
  $("camera").setAttribute("aria-pressed", "false");
  $("shot").hidden = true;
  $("rate").hidden = true;
}

async function runCamera(stream) {
  const rate = new FrameRate();
  while (camera.shows(stream)) {
    const { image, blob } = camera.frame();
    const answered = await service.candidates(blob, state.model.name, state.backend);
    if (!camera.shows(stream)) {
      return;
    }
    state.photo = { name: "camera", blob, image };
    state.answer = answered;
    refresh();
    $("rate").hidden = false;
    $("rate").textContent =
        `${rate.tick(performance.now()).toFixed(1)} frames/s · infer ${answered.timings_ms.infer.toFixed(1)} ms`;
  }
}

async function toggleCamera() {
  if (camera.live) {
    stopCamera();
    return answer();
  }
  if (camera.opening) {
    return;
  }
  asking.abort();
  $("problem").hidden = true;
  let stream = null;
  try {
    stream = await camera.start();
    Object.assign(state, { explained: null, layer: null, lookedAt: null });
    showSpikes(null);
    $("camera").textContent = "Stop camera";
    $("camera").setAttribute("aria-pressed", "true");
    $("shot").hidden = false;
    await runCamera(stream);
  } catch (problem) {
    if (stream !== null && !camera.shows(stream)) {
      return;
    }
    stopCamera();
    fail(problem);
  }
}

function keepFrame() {
  const { blob } = state.photo;
  stopCamera();
  return addPhotos([new File([blob], `camera-${state.photos.length + 1}.jpg`, { type: blob.type })]);
}

async function savePicture() {
  try {
    const link = element("a", {
      href: URL.createObjectURL(await service.picture(state.photo.blob, query())),
      download: `${state.photo.name.replace(/\.[^.]*$/, "")}-boxes.jpg`,
    });
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (problem) {
    fail(problem);
  }
}

function chooseModel(name) {
  state.model = state.listing.models.find((model) => model.name === name);
  state.hidden.clear();
  makeLabels(state.model, toggle);
  $("score").value = state.model.min_score;
  $("iou").value = state.model.iou;
  $("served").textContent = `${state.model.name} ${state.model.versions.at(-1)} finds ${state.model.labels.join(", ")}`
      + ` · mAP50 ${state.model.map50.toFixed(3)} on ${state.model.measured_on}`;
  $("example").hidden = !EXAMPLES.has(name);
  state.answer = null;
  refresh();
  return answer();
}

async function copy() {
  const range = document.createRange();
  range.selectNodeContents($("code"));
  try {
    await navigator.clipboard.writeText($("code").textContent);
    $("copy").textContent = "Copied";
  } catch {
    // Without https the browser lends no clipboard: select it for Ctrl+C.
    window.getSelection().removeAllRanges();
    window.getSelection().addRange(range);
    $("copy").textContent = "Press Ctrl+C";
  }
  setTimeout(() => { $("copy").textContent = "Copy"; }, 2000);
}

async function example() {
  try {
    const path = EXAMPLES.get(state.model.name);
    const blob = await (await fetch(path)).blob();
    await addPhotos([new File([blob], path.split("/").at(-1), { type: blob.type })]);
  } catch (problem) {
    fail(problem);
  }
}

async function start() {
  try {
    state.listing = await service.models();
  } catch (problem) {
    fail(problem);
    return;
  }
  $("problem").hidden = true;
  const { models, default_backend: defaultBackend } = state.listing;
  // The default may be left out at the moment.
  const first = (models.find((model) => model.is_default) ?? models[0]).name;
  $("model").replaceChildren(...models.map((model) => element("option", { value: model.name, textContent: model.name })));
  $("model").value = first;
  state.backend = defaultBackend;
  $("backends").querySelectorAll("label").forEach((label) => label.remove());
  for (const name of models[0].backends) {
    const radio = element("input", { type: "radio", name: "backend", value: name, checked: name === defaultBackend });
    radio.addEventListener("change", () => {
      state.backend = name;
      refresh();
      answer();
    });
    $("backends").append(element("label", {}, radio, name));
  }
  await chooseModel(first);
}

$("files").addEventListener("change", (event) => {
  addPhotos([...event.target.files]);
  event.target.value = "";
});
$("drop").addEventListener("dragover", (event) => {
  event.preventDefault();
  $("drop").classList.add("over");
});
$("drop").addEventListener("dragleave", () => $("drop").classList.remove("over"));
$("drop").addEventListener("drop", (event) => {
  event.preventDefault();
  $("drop").classList.remove("over");
  addPhotos([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => addPhotos([...event.clipboardData.files]));
$("camera").addEventListener("click", toggleCamera);
$("shot").addEventListener("click", keepFrame);
$("picture").addEventListener("click", savePicture);
$("example").addEventListener("click", example);
$("model").addEventListener("change", () => chooseModel($("model").value));
$("score").addEventListener("input", refresh);
$("iou").addEventListener("input", refresh);
$("key").addEventListener("change", () => {
  service.useKey($("key").value);
  state.listing === null ? start() : answer();
});
$("copy").addEventListener("click", copy);
for (const radio of document.querySelectorAll("[name=language]")) {
  radio.addEventListener("change", refresh);
}
$("score").min = service.LOWEST_SCORE;
new ResizeObserver(() => state.photo !== null && refresh()).observe($("drop"));
refresh();
start();
