// The live camera: a frame is taken when the last one has been answered.

const WORDS = {
  NotAllowedError: "The browser was not allowed to use the camera.",
  NotFoundError: "There is no camera here.",
  NotReadableError: "Another program holds the camera.",
};

class Camera {
  #video = document.createElement("video");
  #stream = null;

  /** While the browser opens it, and may be asking its user: whoever starts it again loses hold of the first stream. */
  opening = false;

  get live() {
    return this.#stream !== null;
  }

  /** Whether it shows this stream still, and not a later one. */
  shows(stream) {
    return stream !== null && this.#stream === stream;
  }

  /**
   * Gives the stream that it shows from then on.
   * @param ended is told when that ends of itself: the camera was unplugged, or taken away
   */
  async start(ended) {
    if (!navigator.mediaDevices) {
      throw new Error("Browsers give the camera to pages from https or localhost only.");
    }
    this.opening = true;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } },
      });
    } catch (failure) {
      throw new Error(WORDS[failure.name] ?? `The camera does not start: ${failure.message}`);
    } finally {
      this.opening = false;
    }
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = this.#stream;
    const stream = this.#stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => this.shows(stream) && ended());
    try {
      await this.#video.play();
    } catch (failure) {
      this.stop();
      throw failure;
    }
    return stream;
  }

  /** Waits while its picture is an old one, as it is in the background or during a phone call; whether it shows this stream then. */
  async sees(stream) {
    const [track] = stream.getVideoTracks();
    while (this.shows(stream) && (document.hidden || track.muted)) {
      await new Promise((resolve) => {
        document.addEventListener("visibilitychange", resolve, { once: true });
        track.addEventListener("unmute", resolve, { once: true });
      });
    }
    return this.shows(stream);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** What the camera sees now, as an image and as a JPEG file. */
  frame() {
    const image = document.createElement("canvas");
    image.width = this.#video.videoWidth;
    image.height = this.#video.videoHeight;
    image.getContext("2d").drawImage(this.#video, 0, 0);
    // Not toBlob: it waits for idle time, and after a moved mouse a busy page may have none for seconds.
    const [, base64] = image.toDataURL("image/jpeg", 0.9).split(",");
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return { image, blob: new Blob([bytes], { type: "image/jpeg" }) };
  }
}

export const camera = new Camera();

/** Frames a second over the last second and a half. */
export class FrameRate {
  #times = [];

  tick(now) {
    this.#times.push(now);
    this.#times = this.#times.filter((time) => now - time < 1500);
    return this.#times.length < 2 ? 0 : (1000 * (this.#times.length - 1)) / (now - this.#times[0]);
  }
}
