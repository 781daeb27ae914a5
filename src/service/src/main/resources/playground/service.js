// What the page asks the server.

import { lowestVote } from "./nms.js";

/** The lowest score that the page's slider reaches. */
export const LOWEST_SCORE = 0.05;

/** As many boxes as the server looks at before suppression. */
const ALL_CANDIDATES = 3000;

/** A refusal, in the server's words. */
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let key = "";

export function useKey(text) {
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
export async function candidates(blob, model, backend, signal) {
  const query = new URLSearchParams({
    model, backend, min_score: lowestVote(LOWEST_SCORE), iou: 1, max_detections: ALL_CANDIDATES,
  });
  return (await photo(`/v1/detect?${query}`, blob, "application/json", signal)).json();
}

/** Where each layer fired. */
export async function spikes(blob, model, backend, signal) {
  const query = new URLSearchParams({ model, backend, explain: "spikes", max_detections: 1 });
  return (await photo(`/v1/detect?${query}`, blob, "application/json", signal)).json();
}

/** The photo with its boxes, as a file. */
export async function picture(blob, query) {
  return (await photo(`/v1/detect?${query}`, blob, "image/jpeg")).blob();
}
