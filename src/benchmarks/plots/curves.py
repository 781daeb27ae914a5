#!/usr/bin/env python3
"""Curves in panels side by side, as one SVG.

    curves.py < points.tsv > curves.svg

A line a point: title of the panel, name of the curve, x, y, parted by tabs; lines that start with # are left out. Panels and
curves come in the order of their first points; curves of one name have one colour. Axes are linear, y from 0 on.
"""

import math
import sys

PANEL_WIDTH, PANEL_HEIGHT, TOP, BETWEEN = 420, 260, 60, 90
COLOURS = ["#1b6ca8", "#c4572e", "#2e7d5a", "#7a4fa3", "#b8860b", "#5b6570"]


def ticks(low, high):
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough)
    return [n * step for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def panel(title, curves, left, colours):
    points = [p for points in curves.values() for p in points]
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    top = 1.1 * max(y for _, y in points)

    def across(value):
        return left + PANEL_WIDTH * (value - low) / (high - low)

    def up(value):
        return TOP + PANEL_HEIGHT * (1 - value / top)

    yield f'<text x="{left + PANEL_WIDTH / 2}" y="{TOP - 22}" text-anchor="middle">{title}</text>'
    for tick in ticks(low, high):
        yield f'<path d="M{across(tick):.1f} {TOP}v{PANEL_HEIGHT}" stroke="#e3e7ec"/>'
        yield f'<text x="{across(tick):.1f}" y="{TOP + PANEL_HEIGHT + 18}" text-anchor="middle">{tick:.6g}</text>'
    for tick in ticks(0, top):
        yield f'<path d="M{left} {up(tick):.1f}h{PANEL_WIDTH}" stroke="#e3e7ec"/>'
        yield f'<text x="{left - 8}" y="{up(tick) + 5:.1f}" text-anchor="end">{tick:.6g}</text>'
    for name, points in curves.items():
        path = "M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in points)
        yield f'<path d="{path}" fill="none" stroke="{colours[name]}" stroke-width="2"/>'
        if len(points) <= 12:
            yield from (f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="4" fill="{colours[name]}"/>' for x, y in points)


def main():
    panels = {}
    for line in sys.stdin:
        if line.strip() and not line.startswith("#"):
            title, name, x, y = line.rstrip("\n").split("\t")
            panels.setdefault(title, {}).setdefault(name, []).append((float(x), float(y)))
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    colours = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)}
    width, height = BETWEEN + len(panels) * (PANEL_WIDTH + BETWEEN), TOP + PANEL_HEIGHT + 76
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="14">')
    print(f'<rect width="{width}" height="{height}" fill="white"/>')
    for number, (title, curves) in enumerate(panels.items()):
        print("\n".join(panel(title, curves, BETWEEN + number * (PANEL_WIDTH + BETWEEN), colours)))
    for number, name in enumerate(names):
        x = BETWEEN + 230 * number
        print(f'<circle cx="{x}" cy="{height - 23}" r="6" fill="{colours[name]}"/><text x="{x + 12}" y="{height - 18}">{name}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
