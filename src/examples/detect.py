# A Popsight detector in plain ONNX Runtime, without Popsight: python detect.py MODEL.onnx PHOTO.jpg
# pip install onnxruntime pillow numpy
import json, sys
import numpy as np, onnxruntime as ort
from PIL import Image, ImageOps

session = ort.InferenceSession(sys.argv[1])
_, height, width, _ = session.get_inputs()[0].shape
photo = ImageOps.exif_transpose(Image.open(sys.argv[2])).convert("RGB")
pixels = np.asarray(ImageOps.pad(photo, (width, height), color=(114, 114, 114)))
names = [o.name for o in session.get_outputs() if o.name.startswith("head_")]
for name, head in zip(names, session.run(names, {"images": pixels[None]})):
    stride = int(name.removeprefix("head_"))
    scores = 1 / (1 + np.exp(-head[0, 4:]))
    for c, row, column in np.argwhere(scores >= 0.4):
        left, top, right, bottom = np.exp(head[0, :4, row, column])
        x, y = column + 0.5, row + 0.5
        box = [float(e) * stride for e in (x - left, y - top, x + right, y + bottom)]
        print(json.dumps({"class_id": int(c), "score": float(scores[c, row, column]), "box": box}))
