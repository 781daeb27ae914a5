// A Popsight detector in plain ONNX Runtime, without Popsight: node detect.mjs MODEL.onnx PHOTO.jpg
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import sharp from "sharp";

const session = await ort.InferenceSession.create(await readFile(process.argv[2]));
const [, height, width] = session.inputMetadata[0].shape;
const letterbox = { width, height, fit: "contain", background: "#727272" };
const pixels = await sharp(process.argv[3]).rotate().resize(letterbox).removeAlpha().raw().toBuffer();
const heads = await session.run({ images: new ort.Tensor("uint8", pixels, [1, height, width, 3]) });
for (const stride of [8, 16, 32].filter((s) => `head_${s}` in heads)) {
  const { data, dims: [, channels, rows, columns] } = heads[`head_${stride}`];
  for (let cell = 0; cell < rows * columns; cell++) {
    const at = (channel) => data[channel * rows * columns + cell];
    const [x, y] = [(cell % columns) + 0.5, Math.floor(cell / columns) + 0.5];
    for (let c = 4; c < channels; c++) {
      const score = 1 / (1 + Math.exp(-at(c)));
      if (score < 0.4) continue;
      const box = [x - Math.exp(at(0)), y - Math.exp(at(1)), x + Math.exp(at(2)), y + Math.exp(at(3))];
      console.log(JSON.stringify({ class_id: c - 4, score, box: box.map((edge) => edge * stride) }));
    }
  }
}
