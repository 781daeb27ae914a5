"""Makes reference.json: random ground truths and detections, and what two programs of others say of them.

  COCO figures: COCOeval of cocodataset/cocoapi, commit 8c9bcc3 (BSD).
  VOC figures:  voc_eval of rbgirshick/py-faster-rcnn, commit 781a917, lib/datasets/voc_eval.py (MIT), through 2to3.

    PYTHONPATH=cocoapi/PythonAPI:DIR_OF_VOC_EVAL python3 reference.py > reference.json

Boxes are edges in whole pixels. A difficult object is a crowd to COCO. No photo and no label of a data set is in here.
"""
import contextlib, io, json, os, random, tempfile
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from voc_eval import voc_eval

LABELS = ["bus", "car", "person", "never found", "never there"]
random.seed(12)
scores = random.sample(range(1, 1000000), 4000)


def side():
    return int(random.choice([random.uniform(8, 31), random.uniform(32, 95), random.uniform(97, 300)]))


def nudged(box, by):
    w, h = box[2] - box[0], box[3] - box[1]
    x, y = box[0] + random.gauss(0, by) * w, box[1] + random.gauss(0, by) * h
    w, h = w * (1 + random.gauss(0, by)), h * (1 + random.gauss(0, by))
    return [round(x), round(y), round(x) + max(4, round(w)), round(y) + max(4, round(h))]


photos = []
for p in range(40):
    objects, detections = [], []
    for _ in range(12 if p == 7 else random.randrange(0, 9)):
        x, y, w, h = random.randrange(400), random.randrange(300), side(), side()
        label = 1 if p == 7 else random.choice([0, 1, 1, 2, 2, 3])
        objects.append([label, x, y, x + w, y + h, int(random.random() < 0.15)])
    for label, *box, _ in objects:
        if label != 3 and random.random() < 0.8:
            for _ in range(random.choice([1, 1, 1, 2, 3])):
                said = label if random.random() < 0.9 else random.randrange(3)
                detections.append([said, max(scores.pop() / 1e6, 0) ** 0.5, *nudged(box, random.choice([0.02, 0.08, 0.2]))])
    # Photo 7 has more boxes of one class than COCO looks at.
    for _ in range(130 if p == 7 else random.randrange(0, 6)):
        x, y = random.randrange(400), random.randrange(300)
        detections.append([1 if p == 7 else random.randrange(3), 0.7 * (p == 7) + scores.pop() / 3e6, x, y, x + side(), y + side()])
    if p % 10 == 3:
        detections.append([4, scores.pop() / 1e6, 10, 10, 50, 50])
    photos.append({"objects": objects, "detections": detections})


# 21 buses: with 20 some recalls are exactly 0.3, which voc_eval compares with NumPy's 0.30000000000000004.
photos[0]["objects"].append([0, 5, 5, 60, 60, 0])


def coco():
    truth = {"images": [{"id": p} for p in range(len(photos))],
             "categories": [{"id": c, "name": n} for c, n in enumerate(LABELS)], "annotations": []}
    found = []
    for p, photo in enumerate(photos):
        for c, x0, y0, x1, y1, difficult in photo["objects"]:
            truth["annotations"].append({"id": len(truth["annotations"]) + 1, "image_id": p, "category_id": c, "iscrowd": difficult,
                                         "bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)})
        for c, score, x0, y0, x1, y1 in photo["detections"]:
            found.append({"image_id": p, "category_id": c, "score": score, "bbox": [x0, y0, x1 - x0, y1 - y0]})
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = truth
        gt.createIndex()
        judge = COCOeval(gt, gt.loadRes(found), "bbox")
        judge.evaluate(); judge.accumulate(); judge.summarize()
    names = ["map", "map50", "map75", "map_small", "map_medium", "map_large", "mar_1", "mar_10", "mar_100", "mar_small", "mar_medium", "mar_large"]
    figures = dict(zip(names, map(float, judge.stats)))
    precision = judge.eval["precision"]  # threshold, recall, class, area, most detections
    figures["per_class"] = [float(p[p > -1].mean()) if (p > -1).any() else None
                            for p in (precision[:, :, c, 0, 2] for c in range(len(LABELS)))]
    return figures


def voc(threshold, eleven):
    figures = []
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        for p, photo in enumerate(photos):
            with open(f"{folder}/{p}.xml", "w") as file:  # VOC counts pixels from 1 and includes the last
                file.write("<annotation>" + "".join(
                    f"<object><name>{LABELS[c]}</name><pose>x</pose><truncated>0</truncated><difficult>{d}</difficult><bndbox>"
                    f"<xmin>{x0 + 1}</xmin><ymin>{y0 + 1}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>"
                    for c, x0, y0, x1, y1, d in photo["objects"]) + "</annotation>")
        with open(f"{folder}/set.txt", "w") as file:
            file.write("\n".join(map(str, range(len(photos)))))
        for label in range(3):
            with open(f"{folder}/{LABELS[label]}.txt", "w") as file:
                for p, photo in enumerate(photos):
                    for c, score, x0, y0, x1, y1 in photo["detections"]:
                        if c == label:
                            file.write(f"{p} {score!r} {x0 + 1} {y0 + 1} {x1} {y1}\n")
            _, _, ap = voc_eval(folder + "/{}.txt", folder + "/{}.xml", folder + "/set.txt", LABELS[label], folder + "/cache", threshold, eleven)
            figures.append(float(ap))
    return figures + [0.0]


rows = ",\n".join(json.dumps(photo) for photo in photos)
figures = {"coco": coco(), "voc": {"ap50": voc(0.5, False), "ap50_11pt": voc(0.5, True), "ap75": voc(0.75, False)}}
print('{"labels": %s,\n"reference": %s,\n"photos": [\n%s\n]}' % (json.dumps(LABELS), json.dumps(figures, indent=1), rows))
