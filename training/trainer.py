"""The trainer: one loop for every preset. Progress is counted in generator steps; a run resumes where it was saved."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models.checkpoint import load_arrays, read_header
from models.checkpoint import save as save_model
from models.conditioning import to_pixels
from models.discriminator import PatchDiscriminator
from models.errors import UserError
from models.locate import locate_model
from models.registry import build
from models.spec import ModelSpec
from training import events, metrics
from training.config import TrainConfig
from training.dataset import Batch, PairLoader, fixed_batches, readable
from training.events import Event
from training.pairs import Pair, Scan
from training.report import grid, save_picture
from training.run_dir import EventLog, RunDir, forget_events_after
from training.steps import Networks, Parts, discriminator_step, finished, generator_step

_MAX_NAN_STEPS = 3
_MEASURED_PAIRS = 64


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What ends a run before its last step: minutes, and a function that says whether the user asked to stop."""

    max_minutes: float | None = None
    stop: Callable[[], bool] = lambda: False


class Trainer:
    """Trains one configuration on one scanned data set into one run folder."""

    def __init__(self, config: TrainConfig, scan: Scan, run: RunDir, log: EventLog, device: str = "cpu") -> None:
        self.config, self.run, self.log = config, run, log
        self.device = torch.device(device)
        torch.manual_seed(config.run.seed)
        self.train_pairs, self.val_pairs = scan.splits["train"], scan.splits["val"] or scan.splits["test"]
        self.loader = PairLoader(config.model, config.data, self.train_pairs, config.run.batch_size, config.run.seed)
        self.networks = _networks(config, self.device)
        if config.run.start_from and not run.has_states:  # a run that is resumed has its own
            _start_from(locate_model(config.run.start_from), config.model, self.networks.generator)
        self.average = copy.deepcopy(self.networks.generator).eval() if config.run.ema else None
        self.step = 0
        self.position = 0  # batches taken from the loader
        self._sums: dict[str, float] = {}
        self._summed = 0
        self._nan_steps = 0
        self._watched: list[Pair] = []  # what is shown and measured: pairs to validate with, else some of training
        self._told_bad = 0
        self._epoch_batches = self.loader.sampler.batches_per_epoch
        self._position_before = 0  # where the last step began

    @property
    def total_steps(self) -> int:
        epochs = self.config.schedule.epochs + self.config.schedule.decay_epochs
        batches = self._epoch_batches * epochs
        return max(1, batches // (self.config.gan.critic_steps if self.config.gan.loss != "none" else 1))

    @property
    def shown(self) -> nn.Module:
        """The generator that is measured, shown and shipped: the averaged one where there is one."""
        return self.average or self.networks.generator

    def train(self, limits: Limits, show: Callable[[int, int, Parts], None] = lambda *_: None) -> str:
        """Run to the last step, the time limit or the stop. Returns the reason, as in events.Finished."""
        self._resume()
        started = time.monotonic()
        count = sum(p.numel() for p in self.networks.generator.parameters())
        self._tell(
            events.Started(
                pairs=len(self.train_pairs),
                total_steps=self.total_steps,
                first_step=self.step,
                parameters=count,
                device=str(self.device),
            )
        )
        for sentence in self.config.warnings():
            self._warn(sentence)
        self._choose_watched()
        if self.step == 0:
            self._sample()
        reason = "done"
        while self.step < self.total_steps:
            parts = self._one_step()
            self._after_step(parts)
            show(self.step, self.total_steps, parts)
            if limits.stop():
                reason = "stop"
                break
            if limits.max_minutes is not None and time.monotonic() - started > limits.max_minutes * 60:
                reason = "time"
                break
        self._save()
        self.export_model(self.run.model)
        self._sample()
        self._measure()
        self._tell(events.Finished(step=self.step, reason=reason, model=str(self.run.model)))
        return reason

    def _choose_watched(self) -> None:
        self._watched, reasons = readable(self.val_pairs or self.train_pairs, _MEASURED_PAIRS)
        for reason in reasons:
            self._warn(f"Left out of the pictures that are measured: {reason}")

    def _one_step(self) -> Parts:
        config = self.config
        self._position_before = self.position
        factor = rate_factor(config, self.step, self.total_steps)
        _set_rate(self.networks.generator_optimiser, config.optimiser.rate * factor)
        adversarial = config.gan.loss != "none" and self.step >= config.gan.start_step
        self.networks.generator.train()
        batch = self._next_batch()
        parts: Parts = {}
        if adversarial:
            assert self.networks.discriminator_optimiser is not None
            _set_rate(self.networks.discriminator_optimiser, config.optimiser.discriminator_rate * factor)
            for critic_step in range(config.gan.critic_steps):
                if critic_step:
                    batch = self._next_batch()
                noise = torch.rand(batch.target.shape[0], 1, 1, 1).to(self.device)
                parts |= discriminator_step(config, self.networks, batch, noise)
        parts |= generator_step(config, self.networks, batch, adversarial=adversarial)
        self.step += 1
        if self.average is not None:
            update_average(self.average, self.networks.generator, config.run.ema, self.step)
        return parts

    def _next_batch(self) -> Batch:
        batch = self.loader.load(self.position).to(self.device)
        self.position += 1
        for reason in list(self.loader.bad.values())[self._told_bad :]:
            self._warn(f"Left out: {reason}")
        self._told_bad = len(self.loader.bad)
        return batch

    def _after_step(self, parts: Parts) -> None:
        run = self.config.run
        self._watch_for_nan(parts)
        for name, value in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value)
        self._summed += 1
        if run.log_every and self.step % run.log_every == 0:
            means = {name: total / self._summed for name, total in self._sums.items()}
            rate = self.networks.generator_optimiser.param_groups[0]["lr"]
            epoch = self.position // self._epoch_batches
            self._tell(events.Step(step=self.step, epoch=epoch, losses=means, rates={"generator": rate}))
            self._sums, self._summed = {}, 0
        if self._due(run.save_every):  # first: nothing below may cost what was learned
            self._save()
        if self._due(run.sample_every):
            self._sample()
        if self._due(run.measure_every):
            self._measure()

    def _due(self, every: int) -> bool:
        """Whether the last step was the one for what is done every so many steps or epochs."""
        if every == 0:
            return False
        if self.config.run.cadence == "steps":
            return self.step % every == 0
        before, now = self._position_before // self._epoch_batches, self.position // self._epoch_batches
        return now // every > before // every

    def _watch_for_nan(self, parts: Parts) -> None:
        if all(math.isfinite(float(value)) for value in parts.values()):
            self._nan_steps = 0
            return
        self._nan_steps += 1
        self._warn("A loss is not a number; the step was left out. The rate may be too high.")
        if self._nan_steps >= _MAX_NAN_STEPS:
            sentence = f"The loss was not a number for {_MAX_NAN_STEPS} steps; the last good checkpoint is kept."
            self._tell(events.Failed(step=self.step, sentence=sentence))
            raise UserError(sentence, "Resume with a lower optimiser.rate.")

    @torch.no_grad()
    def _paint(self, pairs: list[Pair], hinted: bool) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """(input, painted, target) as uint8 (H, W, 3) for each pair."""
        network, answers = self.shown, []
        was_training = network.training
        network.eval()
        for batch in fixed_batches(self.config.model, self.config.data, pairs, 8, hinted):
            batch = batch.to(self.device)
            painted = finished(self.config.model, network(batch.condition), batch.lines)
            inputs = (batch.lines * 2 - 1).expand(-1, 3, -1, -1)
            for row in zip(inputs, painted, batch.target, strict=True):
                first, second, third = (to_pixels(each.float().cpu().numpy()) for each in row)
                answers.append((first, second, third))
        network.train(was_training)
        return answers

    def _sample(self) -> None:
        pairs = self._watched[: self.config.run.samples]
        if not pairs:
            return
        rows = [list(row) for row in self._paint(pairs, hinted=False)]
        if self.config.model.condition == "hints":
            for row, hinted in zip(rows, self._paint(pairs, hinted=True), strict=True):
                row.insert(2, hinted[1])
        path = self.run.samples / f"step-{self.step:08d}.png"
        save_picture(grid(rows, [[pair.name] for pair in pairs]), path)
        self._tell(events.Sample(step=self.step, path=str(path.relative_to(self.run.folder))))

    def _measure(self) -> None:
        pairs = self._watched
        if not self.val_pairs or not pairs:
            return
        measures = {}
        kinds = (("", False), ("_hinted", True)) if self.config.model.condition == "hints" else (("", False),)
        for suffix, hinted in kinds:
            answers = [(metrics.unit_picture(b), metrics.unit_picture(c)) for _, b, c in self._paint(pairs, hinted)]
            measures[f"psnr{suffix}"] = float(np.mean([metrics.psnr(*each) for each in answers]))
            measures[f"ssim{suffix}"] = float(np.mean([metrics.ssim(*each) for each in answers]))
        epoch = self.position // self._epoch_batches
        self._tell(events.Measured(step=self.step, epoch=epoch, pairs=len(pairs), measures=measures))

    def _is_sound(self) -> bool:
        return all(bool(torch.isfinite(each).all()) for each in self.networks.generator.parameters())

    def _save(self) -> None:
        networks = self.networks
        if not self._is_sound():
            self._warn("The weights are not numbers any more; this state was not saved.")
            return
        state: dict[str, Any] = {
            "step": self.step,
            "position": self.position,
            "generator": networks.generator.state_dict(),
            "generator_optimiser": networks.generator_optimiser.state_dict(),
            "discriminator": networks.discriminator.state_dict() if networks.discriminator else None,
            "discriminator_optimiser": (
                networks.discriminator_optimiser.state_dict() if networks.discriminator_optimiser else None
            ),
            "average": self.average.state_dict() if self.average is not None else None,
            "random": torch.get_rng_state(),
            "sums": self._sums,
            "summed": self._summed,
        }
        path = self.run.save_state(state, self.step, self.config.run.keep)
        self._tell(events.Saved(step=self.step, path=str(path.relative_to(self.run.folder))))

    def _resume(self) -> None:
        state = self.run.load_state()
        forget_events_after(self.run.folder, state["step"] if state else -1)
        if state is None:
            return
        networks = self.networks
        networks.generator.load_state_dict(state["generator"])
        networks.generator_optimiser.load_state_dict(state["generator_optimiser"])
        if networks.discriminator is not None and networks.discriminator_optimiser is not None:
            networks.discriminator.load_state_dict(state["discriminator"])
            networks.discriminator_optimiser.load_state_dict(state["discriminator_optimiser"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        torch.set_rng_state(state["random"])
        self.step, self.position = state["step"], state["position"]
        self._sums, self._summed = dict(state["sums"]), state["summed"]

    def export_model(self, path: Path, *, graph: bool = True) -> None:
        """What is used: the shown generator with its description, kernels as float16."""
        if not self._is_sound():
            return
        arrays = {name: tensor.detach().cpu().numpy() for name, tensor in self.shown.state_dict().items()}
        facts = {"preset": self.config.preset, "steps": str(self.step), "pairs": str(len(self.train_pairs))}
        program = self._graph() if graph else None
        save_model(path, self.config.model, arrays, facts, graph=program, half=True)

    def _graph(self) -> bytes | None:
        from models.export import onnx_graph

        try:
            return onnx_graph(self.config.model)
        except Exception as error:  # noqa: BLE001 - the exporter's faults must not cost the model: torch runs it without
            self._warn(f"The graph for ONNX Runtime could not be made, so the model is slower on a CPU: {error}")
            return None

    def _warn(self, sentence: str) -> None:
        self._tell(events.Warned(step=self.step, sentence=sentence))

    def _tell(self, event: Event) -> None:
        self.log.write(event)


def rate_factor(config: TrainConfig, step: int, total_steps: int) -> float:
    """The share of the learning rate at `step`: linear warm-up, then constant and linear to zero, or cosine to zero."""
    schedule = config.schedule
    if step < schedule.warmup_steps:
        return (step + 1) / (schedule.warmup_steps + 1)
    if schedule.kind == "cosine":
        return 0.5 * (1 + math.cos(math.pi * min(1.0, step / total_steps)))
    constant = total_steps * schedule.epochs / (schedule.epochs + schedule.decay_epochs)
    return 1.0 if step < constant else max(0.0, 1 - (step - constant) / (total_steps - constant + 1))


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Exponential moving average of weights and statistics, quicker in the first steps: min(decay, (1+n)/(10+n))."""
    kept = min(decay, (1 + step) / (10 + step))
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - kept)
        else:
            mean.copy_(value)


def _networks(config: TrainConfig, device: torch.device) -> Networks:
    layout = torch.channels_last
    generator = build(config.model).to(device).to(memory_format=layout)
    optimiser = _optimiser(config, generator, config.optimiser.rate)
    if config.gan.loss == "none":
        return Networks(generator, None, optimiser, None)
    discriminator = (
        PatchDiscriminator(
            config.model.network_channels + config.model.output_channels,
            config.discriminator.base_width,
            config.discriminator.layers,
            config.discriminator.norm,
        )
        .to(device)
        .to(memory_format=layout)
    )
    rate = config.optimiser.discriminator_rate
    return Networks(generator, discriminator, optimiser, _optimiser(config, discriminator, rate))


def _start_from(path: Path, spec: ModelSpec, generator: nn.Module) -> None:
    """Fill the generator with the weights of a model; UserError where that has another shape."""
    arrays = {name: torch.from_numpy(array) for name, array in load_arrays(path).items()}
    try:
        generator.load_state_dict(arrays)
    except RuntimeError as error:
        start = read_header(path).spec
        differing = [f.name for f in fields(spec) if getattr(spec, f.name) != getattr(start, f.name)]
        raise UserError(
            f"{path} cannot be the start of this training: its network has another shape ({', '.join(differing)}).",
            "Choose another model for run.start_from, or the same settings under [model].",
        ) from error


def _optimiser(config: TrainConfig, network: nn.Module, rate: float) -> torch.optim.Optimizer:
    kind = torch.optim.AdamW if config.optimiser.kind == "adamw" else torch.optim.Adam
    return kind(network.parameters(), lr=rate, betas=config.optimiser.betas, weight_decay=config.optimiser.weight_decay)


def _set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
