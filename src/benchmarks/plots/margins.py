#!/usr/bin/env python3
"""How far units are from firing, means over the layers of runs, as points for curves.py.

    margins.py NAME=RUN_FOLDER ... | curves.py > margins.svg

Reads the `margins` of each folder's metrics.jsonl: shares of units by their distance z - E, and of spikes that noise on z changes.
"""

import json
import sys


def mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows)]


def main():
    for argument in sys.argv[1:]:
        name, folder = argument.split("=", 1)
        with open(folder + "/metrics.jsonl") as lines:
            run = next(r for r in map(json.loads, reversed(lines.readlines())) if "margins" in r)
        shares, reach = mean([layer["histogram"] for layer in run["margins"]]), run["histogram_reach"]
        width = 2 * reach / len(shares)
        for number, share in enumerate(shares):
            print("share of units by z - E", name, f"{(number + 0.5) * width - reach:.4f}", f"{share:.6f}", sep="\t")
        for noise, flips in zip([0] + run["noise"], [0] + mean([layer["flips"] for layer in run["margins"]])):
            print("share of units that noise on z changes, by its deviation", name, noise, f"{flips:.6f}", sep="\t")


if __name__ == "__main__":
    main()
