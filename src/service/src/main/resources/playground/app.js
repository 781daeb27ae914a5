// The playground: what its user does, and what the page asks then.

import { camera, FrameRate } from "./camera.js";
import { copy } from "./copying.js";
import { $, element, hide, makeLabels, showSpikes, showTimes, thumbnail } from "./panels.js";
import { fail, refuse, settle } from "./problem.js";
import * as service from "./service.js";
import { detections, hold, query, state, tiles } from "./state.js";
import { draw, refresh, toggle } from "./view.js";

/** Milliseconds that an answer may take besides its own times before its user is asked whether to send the photo some times more. */
const SLOW = 1000;
const EXAMPLES = new Map([
  ["popsight-street", "/playground/example-street.jpg"],
  ["popsight-cells", "/playground/example-cells.jpg"],
]);

let listing = null;
let asking = new AbortController();
let comparing = null;
let sparing = false;
let opening = null;

/** What was answered goes, and with it all that shows it. */
function forget() {
  Object.assign(state, { answer: null, layer: null, lookedAt: null });
  showSpikes(null);
  showTimes(null);
}

/** Asks for the current photo, and how both backends compare where that costs its user no wait. */
async function answer() {
  settle();
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  forget();
  refresh();
  if (state.photo !== null && !camera.live) {
    $("summary").textContent = "Looking …";
  }
  let underway;
  try {
    await listed();
    if (signal.aborted || state.photo === null || camera.live) {
      return;
    }
    const sent = performance.now();
    const answered = await service.explained(state.photo.blob, state.model.name, state.backend, tiles(), signal);
    underway = performance.now() - sent - answered.timings_ms.total;
    state.answer = answered;
    refresh();
    showSpikes(answered, state.image, (layer) => {
      state.layer = layer;
      draw(detections());
    });
    showTimes(new Map([[state.backend, [answered]]]));
  } catch (problem) {
    if (problem.name !== "AbortError") {
      $("summary").textContent = "";
    }
    fail(problem, answer);
    return;
  }
  if (underway < SLOW && !sparing) {
    await compare();
  }
}

/** Sends the photo some times more. What fails here takes nothing from the answer, and so is told beside the times. */
async function compare() {
  const { signal } = asking;
  if (comparing === signal) {
    return;
  }
  comparing = signal;
  $("times-note").textContent = "Asking both backends …";
  try {
    showTimes(await service.timed(state.photo.blob, state.model, tiles(), signal));
  } catch (problem) {
    if (problem.name !== "AbortError") {
      $("times-note").textContent = problem.message;
      sparing ||= problem.status === 429;
    }
  } finally {
    if (comparing === signal) {
      comparing = null;
    }
  }
}

async function choosePhoto(photo) {
  opening = photo;
  if (camera.live) {
    stopCamera();
  }
  let image;
  try {
    image = await createImageBitmap(photo.blob);
  } catch {
    refuse([photo.name]);
    return;
  }
  if (opening !== photo) {
    image.close();
    return;
  }
  hold(photo, image);
  for (const button of $("photos").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.photo === photo));
  }
  answer();
}

async function addPhotos(files) {
  if (files.length === 0) {
    // Text was pasted or dropped.
    return;
  }
  const refused = [];
  refuse(refused);
  let first = null;
  for (const file of files) {
    let small;
    try {
      small = await thumbnail(file);
    } catch {
      refused.push(file.name || "What was pasted");
      continue;
    }
    const photo = { name: file.name || "pasted", blob: file };
    const button = element("button", { type: "button", photo, ariaLabel: photo.name }, small);
    button.addEventListener("click", () => choosePhoto(photo));
    $("photos").append(element("li", {}, button));
    $("photos").hidden = $("photos").children.length < 2;
    if (first === null) {
      first = photo;
      await choosePhoto(first);
    }
  }
  if (refused.length > 0) {
    refuse(refused);
  }
}

function stopCamera() {
  camera.stop();
  $("camera").textContent = "Camera";
  hide($("shot"));
  $("rate").hidden = true;
  $("summary").ariaLive = null;
  if (state.answer === null) {
    $("summary").textContent = "";
  }
}

async function runCamera(stream) {
  const rate = new FrameRate();
  while (await camera.sees(stream)) {
    const { image, blob } = camera.frame();
    const answered = await service.candidates(blob, state.model.name, state.backend, tiles());
    if (!camera.shows(stream)) {
      return;
    }
    hold({ name: "camera", blob }, image);
    state.answer = answered;
    refresh();
    $("shot").hidden = false;
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
  settle();
  let stream = null;
  try {
    await listed();
    if (camera.opening || camera.live) {
      return;
    }
    stream = await camera.start(() => {
      stopCamera();
      fail(new Error("The camera stopped."), toggleCamera);
    });
    opening = null;
    asking.abort();
    settle();
    Object.assign(state, { layer: null, lookedAt: null });
    showSpikes(null);
    showTimes(null);
    // Each frame may have other words: read out, they would never end.
    $("summary").ariaLive = "off";
    $("camera").textContent = "Stop camera";
    await runCamera(stream);
  } catch (problem) {
    if (stream !== null) {
      if (!camera.shows(stream)) {
        return;
      }
      stopCamera();
    }
    fail(problem, toggleCamera);
  }
}

function keepFrame() {
  const { blob } = state.photo;
  stopCamera();
  const number = $("photos").children.length + 1;
  return addPhotos([new File([blob], `camera-${number}.jpg`, { type: blob.type })]);
}

async function savePicture() {
  settle();
  try {
    const link = element("a", {
      href: URL.createObjectURL(await service.picture(state.photo.blob, query())),
      download: `${state.photo.name.replace(/\.[^.]*$/, "")}-boxes.jpg`,
    });
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (problem) {
    fail(problem, savePicture);
  }
}

function chooseModel(name) {
  state.model = state.listing.models.find((model) => model.name === name);
  state.hidden.clear();
  makeLabels(state.model, toggle);
  $("score").value = state.model.min_score;
  $("iou").value = state.model.iou;
  $("tiles").value = state.model.tiles;
  $("served").textContent = `${state.model.name} ${state.model.versions.at(-1)} finds ${state.model.labels.join(", ")}`
      + ` · mAP50 ${state.model.map50.toFixed(3)} on ${state.model.measured_on}`;
  $("example").hidden = !EXAMPLES.has(name);
  forget();
  refresh();
}

async function example() {
  settle();
  try {
    const path = EXAMPLES.get(state.model.name);
    const blob = await service.example(path);
    await addPhotos([new File([blob], path.split("/").at(-1), { type: blob.type })]);
  } catch (problem) {
    fail(problem, example);
  }
}

/** The models: asked for once, and again where that failed. */
function listed() {
  listing ??= service.models().then(offer).catch((problem) => {
    listing = null;
    throw problem;
  });
  return listing;
}

function offer(answered) {
  state.listing = answered;
  const { models, default_backend: defaultBackend } = answered;
  // The default may be left out at the moment.
  const first = (models.find((model) => model.is_default) ?? models[0]).name;
  $("model").replaceChildren(...models.map((model) => element("option", { value: model.name, textContent: model.name })));
  $("model").value = first;
  state.backend = defaultBackend;
  for (const name of models[0].backends) {
    const radio = element("input", { type: "radio", name: "backend", value: name, checked: name === defaultBackend });
    radio.addEventListener("change", () => {
      state.backend = name;
      answer();
    });
    $("backends").append(element("label", {}, radio, name));
  }
  chooseModel(first);
}

function takeKey() {
  try {
    service.useKey($("key").value);
  } catch (problem) {
    fail(problem, null);
    return;
  }
  sparing = false;
  answer();
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
$("model").addEventListener("change", () => {
  chooseModel($("model").value);
  answer();
});
$("tiles").addEventListener("change", answer);
$("score").addEventListener("input", refresh);
$("iou").addEventListener("input", refresh);
$("key").addEventListener("change", takeKey);
$("compare").addEventListener("click", () => {
  // Times that nobody asked for are not read out.
  $("times-note").ariaLive = null;
  compare();
});
$("copy").addEventListener("click", copy);
for (const radio of document.querySelectorAll("[name=language]")) {
  radio.addEventListener("change", refresh);
}
$("score").min = service.LOWEST_SCORE;
new ResizeObserver(() => state.photo !== null && refresh()).observe($("drop"));
answer();
