"""The trainer's default network, its step and its optimizer in Python PyTorch: the yardstick of the trainer's speed.

    apt-get install python3-torch
    /usr/bin/python3 src/benchmarks/yardstick/train_step.py --size 192 --batch 16 --steps 12 --threads 2

Random photos and, for the loss, random targets in one cell of a hundred: the loss costs less than the trainer's, which assigns
cells to objects, so the yardstick is a strict one. Prints images a second and the share of this machine's own matrix product.
"""
import argparse
import json
import time

import torch
from torch import nn
from torch.nn import functional as F


class Sign(nn.Module):
    """Convolution with weights of one bit and a scale a channel; straight-through gradient."""

    def __init__(self, inputs, outputs, kernel, stride=1, bits=1):
        super().__init__()
        self.bits, self.stride, self.padding = bits, stride, kernel // 2
        self.latent = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel) * 0.05)

    def forward(self, x):
        with torch.no_grad():
            if self.bits == 1:
                value = torch.where(self.latent >= 0, 1.0, -1.0) * self.latent.abs().mean((1, 2, 3), keepdim=True)
            else:
                scale = self.latent.abs().amax((1, 2, 3), keepdim=True) / 127
                value = (self.latent / scale).round() * scale
        passing = self.latent.clamp(-1.5, 1.5) if self.bits == 1 else self.latent
        return F.conv2d(x, passing + (value - passing).detach(), None, self.stride, self.padding)


class Spike(nn.Module):
    """Fires where the normalised potential reaches its channel's Hoyer extremum."""

    def __init__(self, channels):
        super().__init__()
        self.v = nn.Parameter(torch.ones(1))
        self.register_buffer("extremum", torch.zeros(1, channels, 1, 1))

    def forward(self, potential, hoyers):
        z = potential / self.v.abs().clamp_min(0.05)
        clipped = z.clamp(0, 1)
        total = clipped.sum((0, 2, 3), keepdim=True)
        squares = clipped.square().sum((0, 2, 3), keepdim=True)
        with torch.no_grad():
            alive = (total > 0).float()
            now = (squares * alive + 1 - alive) / (total * alive + 1 - alive)
            self.extremum.add_((now - self.extremum) * alive * 0.1)
        hoyers.append((total.square() / squares.clamp_min(1e-12)).sum() / z.numel())
        surrogate = z.clamp(0, 2) * 0.5
        return surrogate + ((z >= now).float() - surrogate).detach()


class Layer(nn.Module):
    def __init__(self, inputs, outputs, kernel=3, stride=1, bits=1):
        super().__init__()
        self.convolution, self.norm = Sign(inputs, outputs, kernel, stride, bits), nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.convolution(x))


class Detector(nn.Module):
    def __init__(self, widths, units, neck, classes):
        super().__init__()
        self.stem, self.stem_spike = Layer(3, widths[0], stride=2, bits=8), Spike(widths[0])
        self.stages = nn.ModuleList()
        for before, width, count in zip(widths, widths[1:], units):
            self.stages.append(nn.ModuleDict({
                "down": Layer(before, width, stride=2),
                "fires": nn.ModuleList(Spike(width) for _ in range(count + 1)),
                "units": nn.ModuleList(Layer(width, width) for _ in range(count))}))
        self.neck = nn.ModuleList([Layer(widths[2] + neck, neck), Layer(widths[3] + neck, neck), Layer(widths[4], neck, 1)])
        self.neck_spikes = nn.ModuleList(Spike(neck) for _ in range(3))
        self.towers = nn.ModuleList(Layer(neck, neck) for _ in range(3))
        self.tower_spikes = nn.ModuleList(Spike(neck) for _ in range(3))
        self.heads = nn.ModuleList(Sign(neck, 4 + classes, 1, bits=8) for _ in range(3))

    def forward(self, photos):
        hoyers, maps = [], []
        x = self.stem_spike(self.stem((photos.permute(0, 3, 1, 2).float() - 128) / 64), hoyers)
        for stage in self.stages:
            stream = stage["down"](x)
            for fire, unit in zip(stage["fires"], stage["units"]):
                stream = stream + unit(fire(stream, hoyers))
            x = stage["fires"][-1](stream, hoyers)
            maps.append(x)
        above, cells = None, []
        for level in (2, 1, 0):
            x = maps[level + 1]
            if above is not None:
                x = torch.cat([x, F.interpolate(above, scale_factor=2)], 1)
            above = self.neck_spikes[level](self.neck[level](x), hoyers)
            tower = self.tower_spikes[level](self.towers[level](above), hoyers)
            cells.append(self.heads[level](tower).flatten(2).permute(0, 2, 1))
        return torch.cat(cells, 1), sum(hoyers) / len(hoyers)


def multiply_accumulates(network, photos):
    counted = []
    hooks = [m.register_forward_hook(lambda m, _, y: counted.append(y[0].numel() * m.latent[0].numel()))
             for m in network.modules() if isinstance(m, Sign)]
    network(photos[:1])
    for hook in hooks:
        hook.remove()
    return sum(counted)


def product_gflops():
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    best = 0
    for _ in range(8):
        start = time.perf_counter()
        a @ b
        best = max(best, 2 * 2048 ** 3 / (time.perf_counter() - start) / 1e9)
    return best


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", type=int, default=320)
    arguments.add_argument("--batch", type=int, default=16)
    arguments.add_argument("--steps", type=int, default=12)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--classes", type=int, default=5)
    a = arguments.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    network = Detector([32, 64, 128, 192, 256], [1, 2, 2, 2], 96, a.classes)
    parameters = list(network.parameters())
    average = [p.detach().clone() for p in parameters]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    times = []
    for step in range(a.steps + 2):
        photos = torch.randint(0, 256, (a.batch, a.size, a.size, 3), dtype=torch.uint8)
        start = time.perf_counter()
        optimizer.zero_grad()
        cells, hoyer = network(photos)
        assigned = torch.rand(cells.shape[:2]) < 0.01
        scores = torch.zeros_like(cells[..., 4:])
        scores[..., 0][assigned] = 1
        loss = F.binary_cross_entropy_with_logits(cells[..., 4:], scores, reduction="sum") / assigned.sum()
        loss = loss + 4 * (cells[..., :4][assigned] - 1).abs().mean() + 0.1 * hoyer
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 10)
        optimizer.step()
        with torch.no_grad():
            for mean, p in zip(average, parameters):
                mean.lerp_(p, 0.002)
        if step >= 2:
            times.append(time.perf_counter() - start)
    seconds = sorted(times)[len(times) // 2]
    gflops = 3 * 2 * multiply_accumulates(network, photos) * a.batch / seconds / 1e9
    product = product_gflops()
    print(json.dumps({
        "torch": torch.__version__, "threads": a.threads, "size": a.size, "batch": a.batch,
        "images_per_second": round(a.batch / seconds, 2), "gflops": round(gflops, 1),
        "matrix_product_gflops": round(product, 1), "share": round(gflops / product, 3)}))


main()
