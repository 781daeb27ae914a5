#!/usr/bin/env python3
"""Accuracy against operations and against the clock, as one SVG.

    tradeoff.py < networks.tsv > tradeoff.svg

A line a network: name, accuracy (0 to 1), millions of operations a photo, milliseconds a photo, parted by tabs; lines that
start with # are left out. Operations are of whatever kind the network does. Both axes across are logarithmic.
"""

import math
import sys

WIDTH, HEIGHT, LEFT, TOP, PANEL_WIDTH, PANEL_HEIGHT = 1040, 440, 70, 60, 420, 300
COLOURS = ["#1b6ca8", "#c4572e", "#2e7d5a", "#7a4fa3", "#b8860b", "#5b6570", "#a8326b"]


def ticks(low, high):
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [m * 10.0**d for d in decades for m in (1, 2, 5) if low <= m * 10.0**d <= high]


def panel(networks, left, key, title):
    low, high = min(n[key] for n in networks) / 1.5, max(n[key] for n in networks) * 1.5
    bottom = math.floor(10 * min(n["accuracy"] for n in networks)) / 10
    top = math.ceil(10 * max(n["accuracy"] for n in networks)) / 10

    def x(value):
        return left + PANEL_WIDTH * math.log(value / low) / math.log(high / low)

    def y(value):
        return TOP + PANEL_HEIGHT * (top - value) / (top - bottom)

    yield f'<text x="{left + PANEL_WIDTH / 2}" y="{TOP + PANEL_HEIGHT + 42}" text-anchor="middle">{title}</text>'
    for tick in ticks(low, high):
        yield f'<path d="M{x(tick):.1f} {TOP}V{TOP + PANEL_HEIGHT}" stroke="#e3e7ec"/>'
        yield f'<text x="{x(tick):.1f}" y="{TOP + PANEL_HEIGHT + 18}" text-anchor="middle">{tick:g}</text>'
    for step in range(round(bottom * 10), round(top * 10) + 1):
        yield f'<path d="M{left} {y(step / 10):.1f}h{PANEL_WIDTH}" stroke="#e3e7ec"/>'
        yield f'<text x="{left - 8}" y="{y(step / 10) + 5:.1f}" text-anchor="end">{step / 10:.1f}</text>'
    for network in networks:
        at = f'cx="{x(network[key]):.1f}" cy="{y(network["accuracy"]):.1f}"'
        yield f'<circle {at} r="7" fill="{network["colour"]}"><title>{network["name"]}</title></circle>'


def main():
    networks = []
    for line in sys.stdin:
        if line.strip() and not line.startswith("#"):
            name, accuracy, operations, milliseconds = line.rstrip("\n").split("\t")
            networks.append(
                {
                    "name": name,
                    "accuracy": float(accuracy),
                    "operations": float(operations),
                    "ms": float(milliseconds),
                    "colour": COLOURS[len(networks) % len(COLOURS)],
                }
            )
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 30}" font-family="sans-serif" font-size="14">')
    print(f'<rect width="{WIDTH}" height="{HEIGHT + 30}" fill="white"/><text x="16" y="30" font-size="17">Accuracy</text>')
    print("\n".join(panel(networks, LEFT, "operations", "millions of operations a photo")))
    print("\n".join(panel(networks, LEFT + PANEL_WIDTH + 90, "ms", "milliseconds a photo, one thread")))
    for number, network in enumerate(networks):
        x, y = LEFT + 250 * (number % 4), TOP + PANEL_HEIGHT + 72 + 24 * (number // 4)
        print(f'<circle cx="{x}" cy="{y - 5}" r="6" fill="{network["colour"]}"/><text x="{x + 12}" y="{y}">{network["name"]}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
