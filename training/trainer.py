"""The trainer: one loop for every preset. Progress is counted in generator steps; a run resumes where it was saved."""

import contextlib
import copy
import math
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from models.checkpoint import save as save_model
from models.errors import UserError
from models.files import atomic_path
from training import events
from training.config import TrainConfig
from training.cyclegan import CycleGan
from training.dataset import readable
from training.engine import Engine
from training.events import Event
from training.feed import Feed
from training.method import Method
from training.networks import restore_optimiser, set_rate, start_from
from training.orders import Orders
from training.pace import PaceMeter
from training.pairs import Scan
from training.pix2pix import Pix2Pix
from training.random_state import random_state, restore_random_state
from training.report import plot_curves
from training.run_dir import EventLog, RunDir, forget_events_after
from training.steps import Parts
from training.tuning import hold_still
from training.watch import Watch
from training.watched import Watched
from training.world import World

_MAX_NAN_STEPS = 3
_MEASURED_PAIRS = 64
_BYTES_A_WEIGHT = {"learned": 12, "averaged": 4}  # itself and Adam's two moments; the average
_CURVES_S = 30.0
_SPARE_BYTES = 200_000_000  # for pictures and the log
_MODELS = 3  # the model, the best one, one being written; two bytes a weight


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What ends a run before its last step: minutes, a function that says whether to stop, and what the user orders."""

    max_minutes: float | None = None
    stop: Callable[[], bool] = lambda: False
    orders: Orders = field(default_factory=Orders)


class Trainer:
    """Trains one configuration on one scanned data set into one run folder, alone or as one process of several."""

    def __init__(
        self,
        config: TrainConfig,
        scan: Scan,
        run: RunDir,
        log: EventLog,
        device: str = "cpu",
        world: World = World(),  # noqa: B008 - frozen
    ) -> None:
        self.config, self.run, self.log, self.world = config, run, log, world
        self.device = torch.device(device)
        torch.manual_seed(config.run.seed)
        self.train_pairs, self.val_pairs = scan.splits["train"], scan.splits["val"] or scan.splits["test"]
        share = world.share_of(config.run.batch_size)
        if (share.stop - share.start) % config.run.accumulate:
            raise UserError(
                f"Each process's {share.stop - share.start} pictures of a batch cannot be worked through in "
                f"{config.run.accumulate} parts.",
                "Change run.accumulate or run.batch_size.",
            )
        self.engine = Engine(
            device=self.device, precision=config.run.precision, parts=config.run.accumulate, world=world
        )
        self.method = self._make_method()
        self.networks, self.loader = self.method.networks, self.method.loader
        if config.run.start_from and not world.from_first(run.has_states):  # a run that is resumed has its own
            start_from(config.run.start_from, config.model, self.method.models(self.networks.generator)[""])
        hold_still(self.method.models(self.networks.generator)[""], config.tune)
        self.average = copy.deepcopy(self.networks.generator).eval() if config.run.ema else None
        self.feed = Feed(config, self.loader, self.engine, self._warn)
        self.step = 0
        self.best = -math.inf  # of the measure that config.run.best names
        self._worse = 0  # measures since the best one
        self._sums: dict[str, tuple[float, int]] = {}  # of each loss since the last report, and of how many steps
        self._nan_steps = 0
        self._sampled_at = self._measured_at = -1
        self._watch = Watch(config.gan.loss)
        self._watched = Watched(config, [], False)
        self._pace = PaceMeter(self.device)
        self._drawn_at = time.monotonic()
        self._epoch_batches = self.loader.batches_per_epoch
        self._program: bytes | None = None  # the model's graph: made once, since the description stays
        self._position_before = 0  # where the last step began

    def _make_method(self) -> Method:
        cache = self.run.folder / "cache"
        if self.config.method == "cyclegan":
            return CycleGan(self.config, self.train_pairs, self.val_pairs, self.engine, cache)
        return Pix2Pix(self.config, self.train_pairs, self.engine, cache)

    @property
    def position(self) -> int:
        """How many batches were taken."""
        return self.feed.position

    @property
    def total_steps(self) -> int:
        epochs = self.config.schedule.epochs + self.config.schedule.decay_epochs
        batches, gan = self._epoch_batches * epochs, self.config.gan
        alone = batches if gan.loss == "none" else min(gan.start_step, batches)  # steps that take one batch
        return max(1, alone + (batches - alone) // gan.critic_steps)

    @property
    def shown(self) -> nn.Module:
        """The generator that is measured, shown and shipped: the averaged one where there is one."""
        return self.average or self.networks.generator

    def state_bytes(self) -> int:
        """The size of one resumable state on disk."""
        learned = [self.networks.generator] + [self.networks.discriminator] * bool(self.networks.discriminator)
        count = sum(p.numel() for network in learned if network for p in network.parameters())
        averaged = sum(p.numel() for p in self.average.parameters()) if self.average else 0
        weights = count * _BYTES_A_WEIGHT["learned"] + averaged * _BYTES_A_WEIGHT["averaged"]
        return weights + self.method.state_bytes()

    def disk_bytes(self) -> int:
        """What the run will keep at most; one state more is there while it is being written."""
        kept = max(self.config.run.keep, 1) + 1 + (self.config.run.best != "none")
        models = _MODELS * 2 * sum(p.numel() for p in self.networks.generator.parameters())
        return kept * self.state_bytes() + models + _SPARE_BYTES

    def require_disk_space(self) -> None:
        """UserError when what the run keeps would not fit."""
        folder = next(each for each in (self.run.folder, *self.run.folder.resolve().parents) if each.is_dir())
        needed = self.disk_bytes() - self.run.states_bytes()
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise UserError(
                f"The checkpoints need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free in {folder}.",
                "Free some space, choose another folder with --run, or lower run.keep.",
            )

    def train(self, limits: Limits, show: Callable[[int, int, Parts], None] = lambda *_: None) -> str:
        """Run to the last step, the time limit or the stop. Returns the reason, as in events.Finished."""
        torch.manual_seed(self.config.run.seed + self.world.rank)  # the same weights, but each its own dropout
        self._resume()
        started = time.monotonic()
        self._tell_start()
        self._pace.begin(self.step)
        with self.feed.opened():
            reason = "done"
            while self.step < self.total_steps:
                parts = self._one_step_or_save()
                self._after_step(parts)
                show(self.step, self.total_steps, parts)
                started += self._obey(limits.orders)
                reason = self._reason_to_stop(limits, started)
                if reason != "done":
                    break
        self._end(reason)
        return reason

    def _tell_start(self) -> None:
        count = sum(p.numel() for p in self.networks.generator.parameters())
        self._tell(
            events.Started(
                pairs=len(self.train_pairs),
                total_steps=self.total_steps,
                first_step=self.step,
                parameters=count,
                device=str(self.device),
                processes=self.world.size,
            )
        )
        for sentence in [*self.config.warnings(), *self.method.doubts(), *self._doubts()]:
            self._warn(sentence)
        if self.config.run.compile:
            self.method.compile()
        self._choose_watched()
        if self.step == 0:
            self._sample()
            if self.config.tune.patience:  # the start itself may be the best
                self._measure()

    def _doubts(self) -> list[str]:
        """What may disappoint on this device."""
        run, gan, on_cpu = self.config.run, self.config.gan, self.device.type == "cpu"
        doubts = {
            f"{run.precision} is much slower than float32 on many CPUs: compare the first steps of both.": (
                on_cpu and run.precision != "float32"
            ),
            "Each process keeps batch norm statistics of its own; the first one's are saved.": (
                on_cpu and self.world.size > 1 and self.config.model.norm == "batch"
            ),
            f"The adversarial loss would begin with step {gan.start_step} and this run has {self.total_steps}: lower "
            "gan.start_step, or raise schedule.epochs.": (gan.loss != "none" and gan.start_step >= self.total_steps),
            "There are no pairs to validate with, so run.best finds none.": run.best != "none" and not self.val_pairs,
        }
        return [sentence for sentence, applies in doubts.items() if applies]

    def _reason_to_stop(self, limits: Limits, started: float) -> str:
        """ "done" while there is none; the same in all processes."""
        if 0 < self.config.tune.patience <= self._worse:
            return "early"
        late = limits.max_minutes is not None and time.monotonic() - started > limits.max_minutes * 60
        orders = limits.orders
        asked = limits.stop() or orders.holds("stop") or (orders.holds("stop-epoch") and self._ended_epoch)
        if self.world.any(asked, self.device):
            return "stop"
        return "time" if self.world.any(late, self.device) else "done"

    def _end(self, reason: str) -> None:
        self._measure()
        self._save(last=True)
        if self.world.writes:
            with self._kept_going("The model"):
                self._export_last()
        self._sample()
        self._draw_curves(at_once=True)
        if reason in ("done", "early"):
            shutil.rmtree(self.run.folder / "cache", ignore_errors=True)
        self._tell(events.Finished(step=self.step, reason=reason, model=str(self.run.model)))

    def _export_last(self) -> None:
        """With patience the best model is the one that is used, else the last."""
        if self.config.tune.patience and self.run.best_model.is_file():
            with atomic_path(self.run.model) as temporary:
                shutil.copyfile(self.run.best_model, temporary)
        else:
            self.export_model(self.run.model)

    def _choose_watched(self) -> None:
        pairs, reasons = readable(self.val_pairs or self.train_pairs, _MEASURED_PAIRS)
        self._watched = self.method.watched(pairs, held_out=bool(self.val_pairs))
        for reason in reasons:
            self._warn(f"Left out of the pictures that are measured: {reason}")

    def _one_step_or_save(self) -> Parts:
        """What was learned is not lost when the data turn out to be unusable."""
        try:
            return self._one_step()
        except UserError:
            if self.world.size == 1:  # alone, since saving needs all processes
                self._save()
            raise

    def _one_step(self) -> Parts:
        config, networks = self.config, self.networks
        self._position_before = self.position
        factor = rate_factor(config, self.step, self.total_steps)
        set_rate(networks.generator_optimiser, config.optimiser.rate * factor)
        if networks.discriminator_optimiser is not None:
            set_rate(networks.discriminator_optimiser, config.optimiser.discriminator_rate * factor)
        networks.generator.train()
        adversarial = config.gan.loss != "none" and self.step >= config.gan.start_step
        learning = [network for network in (networks.generator, networks.discriminator) if network is not None]
        buffers = [buffer for network in learning for buffer in network.buffers()]
        statistics = [buffer.clone() for buffer in buffers]
        parts = self.world.mean(self.method.step(self.feed, adversarial=adversarial))
        self.step += 1
        if not _all_finite(parts):  # nothing was learned, but batch norm has seen it
            for buffer, kept in zip(buffers, statistics, strict=True):
                buffer.copy_(kept)
        elif self.average is not None:
            update_average(self.average, networks.generator, config.run.ema, self.step)
        return parts

    # Between two steps

    def _obey(self, orders: Orders) -> float:
        """Do what was asked for; returns the seconds that were spent paused, in which other processes wait, too."""
        if orders.fetch("sample"):
            self._sample()
        if self.world.any(orders.fetch("save"), self.device):
            self._save()
            self._save_model()
        if not orders.holds("pause") or orders.holds("stop"):
            return 0.0
        paused_at = time.monotonic()
        self._tell(events.Paused(step=self.step))
        orders.wait_for_resume()
        self._tell(events.Resumed(step=self.step))
        self._pace.begin(self.step)
        return time.monotonic() - paused_at

    def _save_model(self) -> None:
        if not self.world.writes:
            return
        with self._kept_going("The model"):
            self.export_model(self.run.model)
            self._tell(events.Saved(step=self.step, path=self.run.model.name))

    # After a step

    def _after_step(self, parts: Parts) -> None:
        run = self.config.run
        self._watch_for_nan(parts)
        for name, value in parts.items():
            if math.isfinite(float(value)):
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = total + float(value), count + 1
        if run.log_every and self.step % run.log_every == 0:
            self._log_losses()
            self._tell(self._pace.report(self.step))
        if self._due(run.sample_every):
            self._sample()
        if self._due(run.measure_every):
            self._measure()
            self._draw_curves()
        if self._due(run.save_every):  # last, so that a run that goes on from here has done all of this
            self._save()

    def _log_losses(self) -> None:
        means = {name: total / count for name, (total, count) in self._sums.items()}
        rate = self.networks.generator_optimiser.param_groups[0]["lr"]
        self._tell(events.Step(step=self.step, epoch=self._epoch, losses=means, rates={"generator": rate}))
        sentence = self._watch.look(means)
        if sentence:
            self._warn(sentence)
        self._sums = {}

    @property
    def _epoch(self) -> int:
        return self.position // self._epoch_batches

    def _due(self, every: int) -> bool:
        """Whether the last step was the one for what is done every so many steps or epochs."""
        if every == 0:
            return False
        if self.config.run.cadence == "steps":
            return self.step % every == 0
        return self._epoch // every > self._epoch_before // every

    @property
    def _epoch_before(self) -> int:
        """In which the last step began."""
        return self._position_before // self._epoch_batches

    @property
    def _ended_epoch(self) -> bool:
        return self._epoch > self._epoch_before

    def _watch_for_nan(self, parts: Parts) -> None:
        if _all_finite(parts):
            self._nan_steps = 0
            return
        self._nan_steps += 1
        self._warn("A loss is not a number; the step was left out. The rate may be too high.")
        if self._nan_steps >= _MAX_NAN_STEPS:
            sentence = f"The losses were not a number for {_MAX_NAN_STEPS} steps; the last good state is kept."
            self._tell(events.Failed(step=self.step, sentence=sentence))
            raise UserError(sentence, "Resume with a lower optimiser.rate.")

    def _sample(self) -> None:
        is_wanted = self._watched.pairs and self.config.run.samples and self._sampled_at != self.step
        if not self.world.writes or not is_wanted:
            return
        self._sampled_at = self.step
        path = self.run.samples / f"step-{self.step:08d}.png"
        with self._kept_going("The sample pictures"):
            self._watched.sample(self.shown, path)
            self._tell(events.Sample(step=self.step, path=str(path.relative_to(self.run.folder))))

    def _measure(self) -> None:
        if not self._watched.measurable or self._measured_at == self.step:
            return
        self._measured_at = self.step
        measures: dict[str, float] = {}
        if self.world.writes:
            with self._kept_going("The measures"):
                measures = self._watched.measure(self.shown)
                pairs = len(self._watched.pairs)
                self._tell(events.Measured(step=self.step, epoch=self._epoch, pairs=pairs, measures=measures))
        wanted = self.world.from_first(measures).get(self.config.run.best, -math.inf)
        self._worse += 1
        if wanted > self.best:
            self.best, self._worse = wanted, 0
            self._save_best()

    def _draw_curves(self, *, at_once: bool = False) -> None:
        """Now and then, since it takes a second."""
        if not self.world.writes:
            return
        if at_once or time.monotonic() - self._drawn_at > _CURVES_S:
            self._drawn_at = time.monotonic()
            with self._kept_going("The curves"), contextlib.suppress(UserError):  # no numbers yet
                plot_curves(self.run.folder / "events.jsonl", self.run.folder / "curves.png")

    # States

    def _is_sound(self) -> bool:
        """Whether all that would be saved are numbers: weights, and the statistics of batch norm."""
        learned = (self.networks.generator, self.networks.discriminator, self.average)
        values = [value for network in learned if network for value in network.state_dict().values()]
        return all(bool(torch.isfinite(value).all()) for value in values if value.is_floating_point())

    def _save(self, *, last: bool = False) -> None:
        if not self._is_sound():
            self._warn("The weights are not numbers any more; this state was not saved.")
            return
        state = self._state()
        if not self.world.writes:
            return
        try:
            path = self.run.save_state(state, self.step, self.config.run.keep)
        except OSError as error:
            sentence = f"The state could not be saved: {_reason(error)} The one before it is still there."
            if last:
                raise UserError(sentence, "Free some space and resume.") from error
            self._warn(sentence)
            return
        self._tell(events.Saved(step=self.step, path=str(path.relative_to(self.run.folder))))

    def _save_best(self) -> None:
        if not self._is_sound():
            return
        state = self._state()
        if self.world.writes:
            with self._kept_going("The best state"):
                self.run.save_best(state)
                self.export_model(self.run.best_model)

    def _state(self) -> dict[str, Any]:
        networks = self.networks
        return {
            "step": self.step,
            "position": self.position,
            "best": self.best,
            "worse": self._worse,
            "generator": networks.generator.state_dict(),
            "generator_optimiser": networks.generator_optimiser.state_dict(),
            "discriminator": networks.discriminator.state_dict() if networks.discriminator else None,
            "discriminator_optimiser": (
                networks.discriminator_optimiser.state_dict() if networks.discriminator_optimiser else None
            ),
            "average": self.average.state_dict() if self.average is not None else None,
            "scaler": self.engine.scaler.state_dict(),
            "random": self.world.gathered(random_state(self.device)),
            "method": self.world.gathered(self.method.state()),
            "sums": self._sums,
            "watch": self._watch.state(),
            "nan_steps": self._nan_steps,
        }

    def _resume(self) -> None:
        state = self.world.from_first(self.run.load_state() if self.world.writes else None)
        if self.world.writes:
            forget_events_after(self.run.folder, state["step"] if state else -1)
        if state is None:
            return
        networks = self.networks
        networks.generator.load_state_dict(state["generator"])
        restore_optimiser(networks.generator_optimiser, state["generator_optimiser"])
        if networks.discriminator is not None and networks.discriminator_optimiser is not None:
            networks.discriminator.load_state_dict(state["discriminator"])
            restore_optimiser(networks.discriminator_optimiser, state["discriminator_optimiser"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.engine.scaler.load_state_dict(state.get("scaler", {}))
        restore_random_state(self.device, state["random"], self.world.rank)
        if self.world.rank < len(state.get("method", ())):  # else a process more, or a run of an earlier version
            self.method.restore(state["method"][self.world.rank])
        self.step, self.feed.position = state["step"], state["position"]
        self.best, self._worse = state.get("best", -math.inf), state.get("worse", 0)
        self._sums = {name: tuple(each) for name, each in state["sums"].items()} if "watch" in state else {}
        self._watch.restore(state.get("watch", ((), {})))
        self._nan_steps = state.get("nan_steps", 0)
        self._sampled_at = self._measured_at = self.step  # what was due then was done before the state was saved

    def export_model(self, path: Path, *, graph: bool = True) -> None:
        """What is used: the shown generators with their description, kernels as float16; "model-back" beside "model"
        where the method has two."""
        if not self._is_sound():
            return
        facts = {"preset": self.config.preset, "steps": str(self.step), "pairs": str(len(self.train_pairs))}
        if graph and self._program is None:
            self._program = self._graph()
        program = self._program if graph else None
        for ending, network in self.method.models(self.shown).items():
            arrays = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
            spec = replace(self.config.model, title=f"{self.config.model.title}{ending}")
            save_model(path.with_stem(path.stem + ending), spec, arrays, facts, graph=program, half=True)

    def _graph(self) -> bytes | None:
        from models.export import onnx_graph

        try:
            return onnx_graph(self.config.model)
        except Exception as error:  # noqa: BLE001 - the exporter's faults must not cost the model: torch runs it without
            self._warn(f"The graph for ONNX Runtime could not be made, so the model is slower on a CPU: {error}")
            return None

    @contextlib.contextmanager
    def _kept_going(self, what: str) -> Iterator[None]:
        """What fails inside is told; the training goes on."""
        try:
            yield
        except (OSError, UserError) as error:
            self._warn(f"{what} could not be made: {_reason(error)}")

    def _warn(self, sentence: str) -> None:
        self._tell(events.Warned(step=self.step, sentence=sentence))

    def _tell(self, event: Event) -> None:
        if self.world.writes:
            self.log.write(event)


def _all_finite(parts: Parts) -> bool:
    return all(math.isfinite(float(value)) for value in parts.values())


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.rstrip(".") + "."


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
