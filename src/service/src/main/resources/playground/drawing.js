// Boxes on a photo, heat on a photo.

/** The server's colours: a step of the golden ratio around the wheel for each class. */
export function colour(classId) {
  const hue = ((0.33 + classId * 0.618034) % 1) * 6;
  const mix = (n) => {
    const k = (n + hue) % 6;
    return Math.round(255 * (1 - 0.75 * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return `rgb(${mix(5)} ${mix(3)} ${mix(1)})`;
}

/** Sizes a canvas to fill a place without cutting the photo; returns screen pixels a photo pixel. */
export function fit(canvas, width, height, room) {
  const dense = window.devicePixelRatio || 1;
  const scale = Math.min(room.width / width, room.height / height);
  canvas.width = Math.max(1, Math.round(width * scale * dense));
  canvas.height = Math.max(1, Math.round(height * scale * dense));
  canvas.style.width = `${Math.round(width * scale)}px`;
  canvas.style.height = `${Math.round(height * scale)}px`;
  return scale * dense;
}

export function drawPhoto(canvas, image) {
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
}

/** The best box last, and so on top; a looked-at one above all. */
export function drawBoxes(canvas, detections, scale, lookedAt) {
  const context = canvas.getContext("2d");
  const dense = window.devicePixelRatio || 1;
  const order = [...detections].reverse();
  if (lookedAt) {
    order.push(lookedAt);
  }
  context.font = `600 ${12 * dense}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const found of order) {
    const { x_min: left, y_min: top, x_max: right, y_max: bottom } = found.box;
    context.globalAlpha = lookedAt && found !== lookedAt ? 0.3 : 1;
    context.strokeStyle = colour(found.class_id);
    context.lineWidth = (found === lookedAt ? 3.5 : 2) * dense;
    context.strokeRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
    const text = `${found.label} ${found.score.toFixed(2)}`;
    const high = 17 * dense;
    const wide = context.measureText(text).width + 8 * dense;
    const x = Math.max(0, Math.min(left * scale - dense, canvas.width - wide));
    const y = top * scale >= high ? top * scale - high : top * scale;
    context.fillStyle = colour(found.class_id);
    context.fillRect(x, y, wide, high);
    context.fillStyle = "#111";
    context.fillText(text, x + 4 * dense, y + high / 2);
  }
  context.globalAlpha = 1;
}

/** A layer's map as a picture of its own size, from its quietest pixel to its busiest. */
function heat(layer) {
  const canvas = document.createElement("canvas");
  canvas.width = layer.columns;
  canvas.height = layer.rows;
  const pixels = new ImageData(layer.columns, layer.rows);
  const least = layer.ones.reduce((a, b) => Math.min(a, b));
  const most = layer.ones.reduce((a, b) => Math.max(a, b));
  layer.ones.forEach((ones, at) => {
    const t = (ones - least) / Math.max(1, most - least);
    pixels.data.set([255, 60 + 195 * t * t, 20 + 180 * t * t * t, 255 * t], at * 4);
  });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

/** The photo in the dark, a layer's heat on it. The maps cover the network's input, bars included. */
export function drawHeat(canvas, image, maps, layer) {
  const context = canvas.getContext("2d");
  context.filter = "grayscale(1) brightness(0.4)";
  drawPhoto(canvas, image);
  context.filter = "none";
  const byX = layer.columns / maps.input_width;
  const byY = layer.rows / maps.input_height;
  const { x_min: left, y_min: top, x_max: right, y_max: bottom } = maps.photo;
  context.imageSmoothingEnabled = false;
  context.globalAlpha = 0.9;
  context.drawImage(
      heat(layer), left * byX, top * byY, (right - left) * byX, (bottom - top) * byY,
      0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
  context.imageSmoothingEnabled = true;
}
