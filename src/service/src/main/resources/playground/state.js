// What is chosen and what was answered, and what follows from both.

import { suppress } from "./nms.js";
import { $ } from "./panels.js";

const MAX_DETECTIONS = 300;

export const state = {
  listing: null,
  model: null,
  backend: "",
  hidden: new Set(),
  photo: null,
  image: null,
  answer: null,
  layer: null,
  lookedAt: null,
};

/** Only the photo on show is held decoded: a phone's photo has 50 MB of pixels. */
export function hold(photo, image) {
  // A camera's frame is a canvas, which has nothing to close.
  state.image?.close?.();
  Object.assign(state, { photo, image });
}

export const score = () => Number($("score").value);
export const iou = () => Number($("iou").value);
export const tiles = () => Number($("tiles").value);

export function everything() {
  return suppress(state.answer.detections, score(), iou());
}

/** What the server would answer to the controls as they are: labels are sieved before the number is cut. */
export function detections(all = everything()) {
  return all.filter((found) => !state.hidden.has(found.label)).slice(0, MAX_DETECTIONS);
}

/** No request asks for no label at all. */
export function hidesAll() {
  return state.hidden.size === state.model.labels.length;
}

export function query() {
  const asked = new URLSearchParams({ model: state.model.name });
  if (state.backend !== state.listing.default_backend) {
    asked.set("backend", state.backend);
  }
  if (tiles() !== state.model.tiles) {
    asked.set("tiles", tiles());
  }
  asked.set("min_score", score());
  asked.set("iou", iou());
  if (state.hidden.size > 0) {
    asked.set("labels", state.model.labels.filter((label) => !state.hidden.has(label)).join(","));
  }
  return asked;
}
