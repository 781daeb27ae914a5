#!/usr/bin/env bash
# The method's claims on CIFAR-10, for src/trainer/EXPERIMENTS.md: trains networks one after the other and prints a line each,
# parted by tabs: name, keys, accuracy, accuracy under noise, share of units that fire, millions of operations behind the stem
# (accumulates of a spike, products of bits, differences or multiply-accumulates, whatever the network does), milliseconds a photo.
#
#   src/benchmarks/cifar.sh FOLDER OUT [NAME ...]
#
# FOLDER holds train/CLASS/* and test/CLASS/*, OUT takes the run folders; NAMEs are of the list below, all of it where none is given.
# A run takes one to twenty minutes of a core. THREADS in the environment sets libtorch's (2).
set -euo pipefail

networks() {
  cat <<'LIST'
default|
lambda-0|hoyer=0
lambda-0.3|hoyer=0.3
lambda-1|hoyer=1
layer|network.threshold=layer
layer-lambda-0|network.threshold=layer hoyer=0
fixed|network.threshold=fixed
fixed-lambda-0|network.threshold=fixed hoyer=0
channel-of-layer|network.spike.hoyer=layer
layer-of-channel|network.threshold=layer network.spike.hoyer=channel
window-1|network.spike.window=1
detached|network.spike.attached=false
float-weights|network.weightBits=float
signs|network.spike.signs=true
steps-2|network.spike.steps=2
steps-4|network.spike.steps=4
adder|network.twin=true network.adder=true
twin|network.twin=true
residual|network.kind=residual network.units=[1,1,1,1]
residual-steps-2|network.kind=residual network.units=[1,1,1,1] network.spike.steps=2
residual-steps-4|network.kind=residual network.units=[1,1,1,1] network.spike.steps=4
mobile|network.kind=mobile network.units=[1,1,1,1]
longer|hoyer=0 epochs=40
longer-twin|network.twin=true epochs=40
LIST
}

configuration() {
  cat <<YAML
name: cifar
task: classification
data: {format: folders, dir: $data, train: train, validate: test}
inputHeight: 32
inputWidth: 32
network: {kind: vgg, stemStride: 1, widths: [16, 32, 64, 96, 128], units: [1, 1, 2, 2], weightBits: 1}
epochs: 6
batch: 64
learningRate: 0.004
hoyer: 0.1
average: 0.99
evaluateEvery: 0
threads: ${THREADS:-2}
loaders: 1
augment: {horizontalFlip: 0.5, scale: 0.15, shift: 0.1, brightness: 0.1, saturation: 0.1}
YAML
}

line() {
  python3 - "$@" <<'PYTHON'
import json, sys

name, keys, evaluation, inspection = sys.argv[1:]
measured, layers = json.load(open(evaluation)), json.load(open(inspection))["layers"]
# The stem's sums are the same at each step and made once.
behind = [layer for layer in layers if layer["name"] != "stem" and not layer["name"].startswith("stem.t")]
operations = sum(layer.get("accumulates") or layer["macs"] for layer in behind) / 1e6
rates = [layer["rate"] for layer in measured["spike_rates"]]
noise = next(d["accuracy"] for d in measured["disturbed"] if d["disturbance"] == "noise")
print(name, keys, "%.3f" % measured["accuracy"], "%.3f" % noise,
      "%.3f" % (sum(rates) / len(rates)), "%.2f" % operations, "%.3f" % measured["median_ms"]["infer"], sep="\t", flush=True)
PYTHON
}

if [ $# -lt 2 ]; then
  sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
popsight=$(cd "$(dirname "$0")/../.." && pwd)/popsight
data=$(cd "$1" && pwd)
out=$2
shift 2
mkdir -p "$out"
configuration >"$out/cifar.yaml"
networks | while IFS='|' read -r name keys; do
  case " ${*:-$name} " in *" $name "*) ;; *) continue ;; esac
  run=$out/$name
  # shellcheck disable=SC2086 # keys are words
  "$popsight" train "$out/cifar.yaml" $keys --replace --out "$run" >"$run.log" 2>&1 </dev/null
  backend=$(sed -n 's/^backend: *"\{0,1\}\([a-z]*\).*/\1/p' "$run/config.yaml")
  "$popsight" eval --model "$run/cifar.onnx" --data "$data" --split test --backend "$backend" --disturb noise --json \
    >"$run/evaluation.json" 2>>"$run.log" </dev/null
  "$popsight" inspect "$run/cifar.onnx" --json >"$run/inspection.json" 2>>"$run.log" </dev/null
  line "$name" "$keys" "$run/evaluation.json" "$run/inspection.json"
done
