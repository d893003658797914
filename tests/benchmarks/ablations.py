"""What each switch of the trainer costs: parameters, time of a step, memory of a step. One process for each row.

    python tests/benchmarks/ablations.py [--rounds 5] [--width 32] [--device cpu|cuda] [--only WORDS] [--json]

A step is one discriminator and one generator step of the preset `anime` on pictures of noise. The first and the last
row are the same, so that one sees how steady the machine was. Memory is the highest during the steps above what the
process held with the networks made: activations, gradients and the optimisers' states; of the process on a CPU (Linux),
of the allocator on CUDA.
"""

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if TYPE_CHECKING:
    from training.config import TrainConfig
    from training.dataset import Batch
    from training.engine import Engine
    from training.steps import Networks

BASE: dict[str, str] = {}
ROWS: dict[str, dict[str, str]] = {
    "as the preset": BASE,
    "batch norm in the generator": {"model.norm": "batch"},
    "no norm": {"model.norm": "none", "discriminator.norm": "none"},
    "resize-convolution": {"model.up": "resize"},
    "self-attention": {"model.self_attention": "true"},
    "attention-gated skips": {"model.attention_gates": "true"},
    "learned fusion of skips": {"model.fusion": "learned"},
    "resunet, batch norm": {"model.architecture": "resunet", "model.depth": "6", "model.norm": "batch"},
    "resnet, 9 blocks": {"model.architecture": "resnet", "model.depth": "2"},
    "no discriminator": {"gan.loss": "none"},
    "hinge": {"gan.loss": "hinge"},
    "WGAN-GP, one critic step": {"gan.loss": "wgan-gp"},
    "WGAN-GP, three critic steps": {"gan.loss": "wgan-gp", "gan.critic_steps": "3"},
    "pixel discriminator": {"discriminator.kind": "pixel"},
    "discriminator at three scales": {"discriminator.kind": "multiscale"},
    "spectral norm": {"discriminator.spectral_norm": "true"},
    "feature matching": {"gan.feature_matching": "10.0"},
    "total variation": {"loss.total_variation": "1.0"},
    "weights of rare colours": {"loss.rare_colours": "0.5"},
    "moving average (EMA)": {"run.ema": "0.999"},
    "batch 4": {"run.batch_size": "4"},
    "batch 4 in 4 parts": {"run.batch_size": "4", "run.accumulate": "4"},
    "checkpointing": {"run.checkpointing": "true"},
    "512 x 512": {"data.crop_size": "512", "data.load_size": "512"},
    "512 x 512, checkpointing": {"data.crop_size": "512", "data.load_size": "512", "run.checkpointing": "true"},
    "compiled": {"run.compile": "true"},
    "bf16": {"run.precision": "bf16"},
    "as the preset, again": BASE,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--only", help="rows whose names hold this")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.row:
        print(json.dumps(measure(ROWS[args.row], args.rounds, args.width, args.device)))
        return
    results = {}
    for name in ROWS:
        if args.only and args.only not in name:
            continue
        words = [sys.executable, __file__, "--row", name, "--rounds", str(args.rounds), "--width", str(args.width)]
        child = subprocess.run([*words, "--device", args.device], capture_output=True, text=True, check=False)
        results[name] = json.loads(child.stdout.splitlines()[-1]) if child.returncode == 0 else None
        if not args.json:
            print(row(name, results), flush=True)
    if args.json:
        print(json.dumps({"width": args.width, "device": args.device, "rounds": args.rounds, "rows": results}))


def row(name: str, results: dict[str, dict[str, float] | None]) -> str:
    found, base = results[name], next(iter(results.values()))
    if found is None or base is None:
        return f"| {name} | failed | | | |"
    ratio = found["ms"] / base["ms"]
    return (
        f"| {name} | {found['generator'] / 1e6:.2f} | {found['discriminator'] / 1e6:.2f} | "
        f"{found['ms']:.0f} ({ratio:.2f}) | {found['mb']:.0f} |"
    )


def measure(settings: dict[str, str], rounds: int, width: int, device_name: str) -> dict[str, float]:
    from training.config import load_config

    widths = {"model.base_width": str(width), "discriminator.base_width": str(width)}
    config = load_config("anime", {**widths, **settings})
    faults = config.validate()
    if faults:
        raise SystemExit(" ".join(faults))
    step, counts = prepared(config, device_name)
    before = memory(device_name)
    reset_peak(device_name)
    step()  # makes the optimisers' states, chooses kernels, compiles
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return {**counts, "ms": statistics.median(times) * 1000, "mb": (peak(device_name) - before) / 1e6}


def prepared(config: "TrainConfig", device_name: str) -> tuple[Callable[[], None], dict[str, int]]:
    """A step, and the parameters of its networks."""
    import numpy as np
    import torch

    from training.dataset import Batch
    from training.engine import Engine
    from training.networks import compile_networks, make_networks, memory_format
    from training.trainer import update_average

    torch.manual_seed(0)
    device, rng = torch.device(device_name), np.random.default_rng(0)
    targets = [rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)]
    networks = make_networks(config, device, lambda: iter(targets))
    average = make_networks(config, device, lambda: iter(targets)).generator if config.run.ema else None
    if config.run.compile:
        compile_networks(config, networks)
    engine = Engine(device=device, precision=config.run.precision, parts=config.run.accumulate)
    rows, side = config.run.batch_size // config.run.accumulate, config.data.crop_size
    first, second = (torch.from_numpy(rng.random((rows, 3, side, side), np.float32) * 2 - 1) for _ in range(2))
    lines = torch.ones(rows, 1, side, side)
    batch = Batch(first, second, lines).to(device, memory_format(config.model.norm, device))

    def step() -> None:
        one_step(config, networks, engine, [batch] * config.run.accumulate)
        if average is not None:
            update_average(average, networks.generator, config.run.ema, 1)
        if device_name == "cuda":
            torch.cuda.synchronize()

    counts = {
        name: sum(p.numel() for p in network.parameters()) if network is not None else 0
        for name, network in (("generator", networks.generator), ("discriminator", networks.discriminator))
    }
    return step, counts


def one_step(config: "TrainConfig", networks: "Networks", engine: "Engine", batches: "list[Batch]") -> None:
    """As `Trainer._one_step`, without data."""
    import torch

    from training.steps import Painted, discriminator_step, generator_step, painted

    answers: list[Painted] = []
    noise = [torch.rand(each.target.shape[0], 1, 1, 1, device=engine.device) for each in batches]
    critic_steps = config.gan.critic_steps if networks.discriminator is not None else 0
    for number in range(critic_steps):
        with torch.set_grad_enabled(number == critic_steps - 1 and len(batches) == 1):
            answers = [painted(config, networks, engine, each) for each in batches]
        discriminator_step(config, networks, engine, batches, [each.picture for each in answers], noise)
    reused = answers if answers and answers[0].picture.requires_grad else None
    generator_step(config, networks, engine, batches, reused, adversarial=critic_steps > 0)


@dataclasses.dataclass(frozen=True)
class _Status:
    """Fields of /proc/self/status, in bytes."""

    resident: int
    highest: int


def status() -> _Status:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    resident, highest = (int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return _Status(resident, highest)


def memory(device: str) -> int:
    import torch

    return torch.cuda.memory_allocated() if device == "cuda" else status().resident


def reset_peak(device: str) -> None:
    import torch

    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5")


def peak(device: str) -> int:
    import torch

    return torch.cuda.max_memory_allocated() if device == "cuda" else status().highest


if __name__ == "__main__":
    main()
