// What the page asks the server.

import { lowestVote } from "./nms.js";

/** The lowest score that the page's slider reaches. */
export const LOWEST_SCORE = 0.05;

/** As many boxes as the server looks at before suppression. */
const ALL_CANDIDATES = 3000;

const TIMED_ANSWERS = 3;

/** A refusal, in the server's words. */
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let key = "";

/** @throws Error on what no header can carry, such as the long dash that phones make of two */
export function useKey(text) {
  const [odd] = text.match(/[^\x20-\x7e\xa0-\xff]/u) ?? [];
  if (odd !== undefined) {
    throw new Error(`An API key cannot have a “${odd}” in it. Was it changed by the keyboard?`);
  }
  key = text;
}

async function ask(path, options = {}) {
  const headers = key ? { ...options.headers, Authorization: `Bearer ${key}` } : options.headers;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (failure) {
    if (failure.name === "AbortError") {
      throw failure;
    }
    throw new Refused(0, "The server does not answer. Is it still running?");
  }
  if (response.ok) {
    return response;
  }
  if (response.status === 401 && !key) {
    throw new Refused(401, "This server wants an API key.");
  }
  const problem = await response.json().catch(() => ({}));
  throw new Refused(response.status, problem.detail ?? problem.title ?? `The server answered ${response.status}.`);
}

export async function models() {
  return (await ask("/v1/models")).json();
}

function photo(path, blob, accept, signal) {
  return ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream", Accept: accept },
    body: blob,
    signal,
  });
}

/** Every candidate that has a say above the lowest score, unsuppressed, so that the page can choose without asking again. */
export async function candidates(blob, model, backend, tiles, signal, more = {}) {
  const query = new URLSearchParams({
    model, backend, tiles, min_score: lowestVote(LOWEST_SCORE), iou: 1, max_detections: ALL_CANDIDATES, ...more,
  });
  return (await photo(`/v1/detect?${query}`, blob, "application/json", signal)).json();
}

/** The same, and where each layer fired: one request, as a phone sends a photo for seconds. */
export function explained(blob, model, backend, tiles, signal) {
  return candidates(blob, model, backend, tiles, signal, { explain: "spikes" });
}

/** Answers of each of a model's backends: of all the same number, so that none is the cold one. */
export async function timed(blob, model, tiles, signal) {
  const times = new Map();
  for (const backend of model.backends) {
    const answers = [];
    for (let i = 0; i < TIMED_ANSWERS; i++) {
      answers.push(await candidates(blob, model.name, backend, tiles, signal));
    }
    times.set(backend, answers);
  }
  return times;
}

/** A photo that the server has to try. */
export async function example(path) {
  return (await ask(path)).blob();
}

/** The photo with its boxes, as a file. */
export async function picture(blob, query) {
  return (await photo(`/v1/detect?${query}`, blob, "image/jpeg")).blob();
}
