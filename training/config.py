"""TrainConfig: every setting of a training, read from TOML and checked before the first step. Never imports torch."""

import dataclasses
import difflib
import json
import math
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from models.errors import UserError
from models.spec import ModelSpec, Norm

Method = Literal["pix2pix", "cyclegan"]
Adversarial = Literal["none", "bce", "lsgan", "hinge", "wgan-gp"]
GeneratorLoss = Literal["auto", "bce"]
Optimiser = Literal["adam", "adamw"]
Schedule = Literal["linear", "cosine"]
Cadence = Literal["steps", "epochs"]
Precision = Literal["float32", "bf16", "fp16"]
Cache = Literal["memory", "disk", "none"]
Best = Literal["none", "psnr", "ssim"]
DiscriminatorKind = Literal["patch", "pixel", "multiscale"]
Freeze = Literal["none", "encoder"]


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    load_size: int = 286  # both sides, before the crop
    crop_size: int = 256
    flip: bool = True
    quarter_turns: bool = False  # by 0, 90, 180 or 270 degrees: for pictures taken from above
    jitter: float = 0.0  # brightness, contrast and saturation of the input only, 0..1
    zoom: float = 0.0  # the crop's side varies by up to this share
    direction: Literal["auto", "AtoB", "BtoA"] = "auto"
    input_half: Literal["auto", "left", "right"] = "auto"
    cut: float = 0.5  # where side-by-side sheets are cut, a share of their width
    exclude: tuple[str, ...] = ()  # names of pairs that are left out
    seed: int = 0  # of the split
    val_share: float = 0.1  # of the pairs: watched, where the folders do not say
    test_share: float = 0.1  # and kept for measuring
    no_hints: float = 0.5  # share of samples without hints, where the model takes hints
    max_hints: int = 48  # dabs in a sample
    palettes: float = 0.0  # share of samples that come with their own palette, where the model takes one
    unhinted: str = ""  # names of pairs (a pattern such as "*-house") that alone may come without a palette
    recoloured: float = 0.0  # share of these in which some regions get another colour, and a hint that asks for it
    uneven: float = 0.0  # how far light and colour wander over what hints were given for, 0..1
    workers: int = 0  # processes that read and augment; 0 = a thread of the trainer's own
    cache: Cache = "memory"  # where decoded pictures are kept; "disk" = in the run's folder, shared by the workers
    cache_gb: float = 0.0  # the most they may take; 0 = a quarter of this machine's memory


@dataclass(frozen=True, kw_only=True)
class DiscriminatorConfig:
    kind: DiscriminatorKind = "patch"
    base_width: int = 64
    layers: int = 3  # 3 = 70x70 PatchGAN
    norm: Norm = "batch"
    spectral_norm: bool = False
    scales: int = 3  # of "multiscale": the picture, its half, its quarter


@dataclass(frozen=True, kw_only=True)
class GanConfig:
    loss: Adversarial = "bce"
    generator_loss: GeneratorLoss = "auto"  # "auto" = the loss's own; "bce" reproduces the description's WGAN-GP
    weight: float = 1.0
    critic_steps: int = 1  # discriminator steps a generator step, each on a fresh batch
    lambda_gp: float = 10.0
    feature_matching: float = 0.0  # weight of the L1 between the discriminator's features of real and painted
    discriminator_weight: float = 1.0  # of its loss; 2 undoes the halving of BCE and LSGAN
    start_step: int = 0  # before this step the generator learns from the pixel losses alone


@dataclass(frozen=True, kw_only=True)
class CycleConfig:
    """Of method = "cyclegan"."""

    weight: float = 10.0  # lambda, of the L1 between a picture and what comes back of it
    identity: float = 0.5  # of lambda: the L1 between a picture of the target's side and what is painted of it
    pool_size: int = 50  # painted pictures that the discriminators are shown again; each process keeps its own


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    l1: float = 100.0
    chroma: float = 0.0  # L1 on the colour differences Cb and Cr
    rare_colours: float = 0.0  # how far the pixels' weights follow the rareness of their colours in the data, 0..1
    classes: float = 0.0  # cross-entropy, for model.output = "classes"
    rare_classes: float = 0.0  # how far a class counts for more where it is rare, 0..1
    ssim: float = 0.0  # 1 - structural similarity of the painted picture
    total_variation: float = 0.0  # smoothness of the painted picture
    perceptual: float = 0.0  # L1 between features of VGG; its weights must be on this machine
    vgg: str = ""  # their file; empty = where PyTorch keeps what was fetched before

    @property
    def has_any(self) -> bool:
        return any((self.l1, self.chroma, self.classes, self.ssim, self.total_variation, self.perceptual))


@dataclass(frozen=True, kw_only=True)
class OptimiserConfig:
    kind: Optimiser = "adam"
    rate: float = 2e-4
    discriminator_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    weight_decay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    kind: Schedule = "linear"  # constant for `epochs`, then to zero over `decay_epochs`; or cosine over both
    epochs: int = 50
    decay_epochs: int = 50
    warmup_steps: int = 0


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    batch_size: int = 1
    seed: int = 0
    ema: float = 0.0  # decay a step of the averaged weights that are shown and shipped; 0 = off
    log_every: int = 50  # steps, always
    cadence: Cadence = "steps"  # what the next three count; 0 = never while it runs
    sample_every: int = 1000
    save_every: int = 1000
    measure_every: int = 1000
    samples: int = 8  # pictures in a sample grid
    keep: int = 2  # resumable checkpoints
    best: Best = "none"  # keep the state and the model that were best by this measure, too
    accumulate: int = 1  # parts a batch is worked through in, to save memory
    precision: Precision = "float32"
    checkpointing: bool = False  # reckon activations again instead of keeping them: half the memory, a third slower
    compile: bool = False  # torch.compile: minutes at the start, then faster
    start_from: str = ""  # a model of the same shape whose weights the generator begins with: a name or a file


@dataclass(frozen=True, kw_only=True)
class TuneConfig:
    """Of a training that goes on from a model, run.start_from."""

    freeze: Freeze = "none"  # "encoder" = what looks at the picture stays as it was, what paints learns
    keep_norms: bool = False  # batch norms keep the statistics of the start, so that a few pictures do not shift them
    replay: str = ""  # line art on which it shall answer as at the start: a folder, or "shipped"; empty = none
    replay_share: float = 0.5  # of the samples
    patience: int = 0  # measures without a better run.best after which it ends, with the best model; 0 = never


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    preset: str = "custom"
    method: Method = "pix2pix"
    model: ModelSpec = field(default_factory=ModelSpec)
    data: DataConfig = field(default_factory=DataConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    gan: GanConfig = field(default_factory=GanConfig)
    cycle: CycleConfig = field(default_factory=CycleConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    run: RunConfig = field(default_factory=RunConfig)
    tune: TuneConfig = field(default_factory=TuneConfig)

    def validate(self) -> list[str]:
        """Sentences about everything wrong that can be known without data; empty when all is well."""
        data, run, optimiser = self.data, self.run, self.optimiser
        multiple = self.model.size_multiple
        adversarial = self.gan.loss != "none"
        shrunk = self.discriminator.layers + (self.discriminator.kind == "multiscale") * (self.discriminator.scales - 1)
        patches = data.crop_size // 2**shrunk - 2  # a side of the discriminator's smallest output
        faults = {
            f"data.crop_size = {data.crop_size} must be a multiple of {multiple} for this network.": (
                data.crop_size % multiple != 0
            ),
            "data.load_size must not be smaller than data.crop_size.": data.load_size < data.crop_size,
            "data.zoom must lie in [0, 1), data.no_hints, data.palettes, data.recoloured and data.uneven in [0, 1].": (
                data.zoom >= 1 or max(data.no_hints, data.palettes, data.recoloured, data.uneven) > 1
            ),
            "A gradient penalty cannot be used with batch norm in the critic, which couples the pictures of a "
            'batch: set discriminator.norm to "instance" or "none".': (
                self.gan.loss == "wgan-gp" and self.discriminator.norm == "batch"
            ),
            "discriminator.layers is too deep for data.crop_size: lower it.": (
                adversarial and self.discriminator.kind != "pixel" and patches < 1
            ),
            "model.output_channels must be 3: the trainer compares RGB pictures.": (
                self.model.output_channels != 3 and self.model.output != "classes"
            ),
            'loss.classes is for model.output = "classes", and loss.rare_classes lies in [0, 1].': (
                (self.loss.classes > 0 and self.model.output != "classes") or self.loss.rare_classes > 1
            ),
            "data.cut must lie between 0 and 1.": not 0 < data.cut < 1,
            "data.val_share and data.test_share must leave something to learn from: lower them.": (
                data.val_share + data.test_share >= 1
            ),
            "run.batch_size must be at least 1.": run.batch_size < 1,
            "schedule.epochs and schedule.decay_epochs must add up to at least 1.": (
                self.schedule.epochs + self.schedule.decay_epochs < 1
            ),
            "gan.critic_steps must be at least 1.": self.gan.critic_steps < 1,
            "The learning rates must be above 0.": optimiser.rate <= 0 or optimiser.discriminator_rate <= 0,
            "optimiser.betas must lie in [0, 1).": max(optimiser.betas) >= 1,
            "run.ema must lie in [0, 1).": run.ema >= 1,
            "run.accumulate must be at least 1 and divide run.batch_size.": (
                run.accumulate < 1 or run.batch_size % run.accumulate != 0
            ),
            "gan.feature_matching needs an adversarial loss: set gan.loss.": (
                self.gan.feature_matching > 0 and not adversarial
            ),
            "loss.rare_colours must lie in [0, 1].": self.loss.rare_colours > 1,
            "loss.rare_colours weighs the pixels of loss.l1: set that above 0.": (
                self.loss.rare_colours > 0 and self.loss.l1 == 0
            ),
            "There is nothing to learn from: set loss.l1 or gan.loss.": (
                self.method == "pix2pix" and not adversarial and not self.loss.has_any
            ),
            "data.crop_size must be at least 16.": data.crop_size < 16,
            "data.jitter must lie in [0, 1].": data.jitter > 1,
            "discriminator.base_width must be at least 1.": self.discriminator.base_width < 1,
            "run.compile cannot be used together with run.checkpointing: choose one.": run.compile
            and run.checkpointing,
            f"data.crop_size must be at least {2 * multiple}: this network would be left with a single pixel, which "
            "has no norm.": self.model.architecture == "resunet" and data.crop_size < 2 * multiple,
            "discriminator.scales must lie between 1 and 4.": not 1 <= self.discriminator.scales <= 4,
        }
        faults |= self._tune_faults()
        if self.method == "cyclegan":
            faults |= self._cycle_faults()
        return [sentence for sentence, is_wrong in faults.items() if is_wrong]

    def _tune_faults(self) -> dict[str, bool]:
        tune, run = self.tune, self.run
        keeps = tune.freeze != "none" or tune.keep_norms or bool(tune.replay)
        return {
            "tune.freeze, tune.keep_norms and tune.replay keep what a model knows: name it with run.start_from.": (
                keeps and not run.start_from
            ),
            "tune.replay_share must lie in [0, 1).": tune.replay_share >= 1,
            "tune.replay is of line art: there is none for this model, set it to nothing.": (
                bool(tune.replay) and (self.model.task != "lineart" or self.method != "pix2pix")
            ),
            "tune.patience counts measures of run.best: set that, and run.measure_every above 0.": (
                tune.patience > 0 and (run.best == "none" or run.measure_every == 0)
            ),
        }

    def _cycle_faults(self) -> dict[str, bool]:
        model, loss = self.model, self.loss
        comparing = {"l1": loss.l1, "chroma": loss.chroma, "rare_colours": loss.rare_colours}
        comparing |= {"ssim": loss.ssim, "perceptual": loss.perceptual, "total_variation": loss.total_variation}
        asked = ", ".join(f"loss.{name}" for name, weight in comparing.items() if weight)
        return {
            'method = "cyclegan" has nothing to compare a painted picture with: '
            f"set {asked or 'the losses'} to 0.": bool(asked),
            'method = "cyclegan" needs an adversarial loss: set gan.loss.': self.gan.loss == "none",
            'gan.feature_matching compares a pair; method = "cyclegan" has none: set it to 0.': (
                self.gan.feature_matching > 0
            ),
            'method = "cyclegan" paints RGB pictures both ways: set model.input_channels to 3, model.output to "image" '
            'model.condition to "none" and model.palette to false.': (
                (model.input_channels, model.output, model.condition, model.palette) != (3, "image", "none", False)
            ),
            'data.input_half is of side-by-side sheets; method = "cyclegan" takes two folders: give data.direction.': (
                self.data.input_half != "auto"
            ),
        }

    def warnings(self) -> list[str]:
        """Sentences about what works but may disappoint."""
        doubts = {
            'gan.generator_loss = "bce" beside a Wasserstein critic reproduces the description; its gradient '
            "vanishes once the critic's scores grow.": self.gan.loss == "wgan-gp" and self.gan.generator_loss == "bce",
            "Batch norm sees the parts of a batch one by one: with run.accumulate the model differs from one trained "
            "on whole batches.": self.run.accumulate > 1 and self.model.norm == "batch",
            "Batch norm on single pictures takes each picture's own statistics in training, and others in use: set "
            'model.norm to "instance", or a larger batch.': (
                self.model.norm == "batch" and self.run.batch_size // self.run.accumulate == 1
            ),
            "run.best does nothing while run.measure_every is 0.": (
                self.run.best != "none" and self.run.measure_every == 0
            ),
        }
        return [sentence for sentence, applies in doubts.items() if applies]


def presets_folder() -> Path:
    return Path(__file__).resolve().parents[1] / "resources" / "presets"


def load_config(name_or_path: str, overrides: Mapping[str, str] | None = None) -> TrainConfig:
    """A preset by name or a TOML file, with `section.key` overrides as text. UserError for anything unusable."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = presets_folder() / f"{name_or_path}.toml"
        if not path.is_file():
            names = sorted(each.stem for each in presets_folder().glob("*.toml"))
            raise UserError(f"There is no preset named {name_or_path}.", _nearest(name_or_path, names))
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path} is not there.", "Check its name.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UserError(f"{path} is not a readable TOML file: {error}.") from error
    for key, text in (overrides or {}).items():
        _override(fields, key, text)
    return config_from_dict(fields)


def config_from_dict(fields: Mapping[str, Any]) -> TrainConfig:
    config = _build(TrainConfig, fields, "")
    assert isinstance(config, TrainConfig)
    return config


def to_toml(config: TrainConfig) -> str:
    """The configuration as TOML that `load_config` reads back to an equal one."""
    lines = [f"{key} = {json.dumps(getattr(config, key))}" for key in ("preset", "method")]
    for section in dataclasses.fields(config):
        value = getattr(config, section.name)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            lines += ["", f"[{section.name}]"]
            lines += [f"{key} = {json.dumps(each, ensure_ascii=False)}" for key, each in _items(value)]
    return "\n".join(lines) + "\n"


def _items(section: Any) -> list[tuple[str, Any]]:
    return [(key, list(each) if isinstance(each, tuple) else each) for key, each in dataclasses.asdict(section).items()]


def _override(fields: dict[str, Any], key: str, text: str) -> None:
    section, _, name = key.rpartition(".")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is a string
    if section:
        before = fields.get(section, {})
        fields[section] = {**before, name: value} if isinstance(before, dict) else {name: value}
    else:
        fields[name] = value


def _build(kind: type, fields: Mapping[str, Any], where: str) -> Any:
    hints = get_type_hints(kind)
    values = {}
    for key, value in fields.items():
        name = f"{where}{key}"
        if key not in hints:
            raise UserError(f"There is no setting named {name}.", _nearest(key, list(hints), where))
        hint = hints[key]
        if dataclasses.is_dataclass(hint):
            if not isinstance(value, Mapping):
                raise UserError(f"{name} must be a section of settings.")
            values[key] = _build(typing.cast(type, hint), value, f"{name}.")
        else:
            values[key] = _checked(name, value, hint)
    return kind(**values)


def _checked(name: str, value: Any, hint: Any) -> Any:
    choices = get_args(hint)
    if typing.get_origin(hint) is Literal:
        if value not in choices:
            raise UserError(f"{name} = {value!r} is not known.", _nearest(str(value), [str(c) for c in choices]))
        return value
    if typing.get_origin(hint) is tuple and choices[-1] is Ellipsis:
        if not isinstance(value, list | tuple):
            raise UserError(f"{name} must be a list.")
        return tuple(_checked(name, each, choices[0]) for each in value)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or len(value) != len(choices):
            raise UserError(f"{name} must be a list of {len(choices)} numbers.")
        return tuple(_checked(name, each, choice) for each, choice in zip(value, choices, strict=True))
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        words = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
        raise UserError(f"{name} = {value!r} must be {words[hint]}.")
    if hint is float and not math.isfinite(value):
        raise UserError(f"{name} = {value!r} must be a finite number.")
    if hint in (int, float) and value < 0:
        raise UserError(f"{name} = {value!r} must not be below 0.")
    return value


def _nearest(name: str, names: list[str], where: str = "") -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return f"Did you mean {where}{near[0]}?" if near else f"Choose one of: {', '.join(sorted(names))}."
