"""One discriminator step and one generator step, written out. Losses come back as named parts.

A batch comes in parts, which are worked through one after the other; their gradients add up to the batch's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from models.conditioning import CLASS_CONTRAST, class_colours
from models.discriminator import Discriminator
from models.spec import ModelSpec
from training.classes import Classes, class_loss
from training.config import TrainConfig
from training.dataset import Batch
from training.engine import Engine
from training.losses import (
    chroma_l1,
    discriminator_loss,
    feature_matching,
    generator_loss,
    gradient_penalty,
    ssim_loss,
    total_variation,
    weighted_l1,
)
from training.rare_colours import pixel_weights
from training.vgg import VggFeatures, perceptual_loss

Parts = dict[str, Tensor]


@dataclass(kw_only=True)
class Networks:
    """`paint` and `judge` are the generator and the discriminator, or what torch.compile made of them."""

    generator: nn.Module
    discriminator: nn.Module | None
    generator_optimiser: torch.optim.Optimizer
    discriminator_optimiser: torch.optim.Optimizer | None
    paint: Callable[..., Tensor]  # of a batch's inputs
    judge: Callable[[Tensor, Tensor], Sequence[Tensor]] | None = None
    vgg: VggFeatures | None = None
    colour_weights: Tensor | None = field(default=None, repr=False)  # by bin of colour
    classes: Classes | None = None


def finished(spec: ModelSpec, output: Tensor, lines: Tensor) -> Tensor:
    """The picture in [-1, 1]: a colour layer is multiplied by the lines in [0, 1], classes are mixed, an image is taken
    as it is."""
    if spec.output == "classes":
        colours = torch.from_numpy(class_colours(spec)).to(output.device)
        return torch.einsum("bkhw,kc->bchw", (CLASS_CONTRAST * spec.sharpness * output).softmax(1), colours)
    return (output + 1) * lines - 1 if spec.output == "colour_layer" else output


@dataclass(frozen=True)
class Painted:
    """What the generator answered, (B, output channels, H, W), and the picture that makes, (B, 3, H, W)."""

    output: Tensor
    picture: Tensor


def painted(config: TrainConfig, networks: Networks, engine: Engine, batch: Batch) -> Painted:
    with engine.forward():
        output = networks.paint(*batch.inputs)
    return Painted(output, finished(config.model, output.float(), batch.lines))


def discriminator_step(
    config: TrainConfig,
    networks: Networks,
    engine: Engine,
    batches: Sequence[Batch],
    fakes: Sequence[Tensor],
    noise: Sequence[Tensor],
) -> Parts:
    """For each part: 1. score real and painted, 2. the loss and its penalty. Then one step of the discriminator."""
    assert networks.discriminator is not None
    assert networks.discriminator_optimiser is not None
    engine.begin(networks.discriminator_optimiser)
    told: list[Parts] = []
    for batch, fake, random in zip(batches, fakes, noise, strict=True):
        real_scores, fake_scores = _scores(config, networks, engine, batch, fake.detach())
        loss = discriminator_loss(config.gan.loss, real_scores, fake_scores)
        parts = {"d": loss.detach(), "d_real": _score(real_scores), "d_fake": _score(fake_scores)}
        loss = loss * config.gan.discriminator_weight
        if config.gan.loss == "wgan-gp":
            critic = networks.discriminator  # itself: what torch.compile makes has no second derivative
            penalty, norm = gradient_penalty(critic, batch.condition, batch.target, fake, random)
            loss = loss + config.gan.lambda_gp * penalty
            parts |= {"gp": penalty.detach(), "gradient_norm": norm}
        engine.backward(loss)
        told.append(parts | {"_loss": loss.detach()})
    means = means_of(told)
    engine.update(networks.discriminator_optimiser, networks.discriminator, means.pop("_loss"))
    return means


def _scores(
    config: TrainConfig, networks: Networks, engine: Engine, batch: Batch, fake: Tensor
) -> tuple[list[Tensor], list[Tensor]]:
    """The score maps of real and painted; in one pass where no batch norm would mix the two."""
    judge = networks.judge
    assert judge is not None
    with engine.forward():
        if config.discriminator.norm == "batch":
            real, painted_ = judge(batch.condition, batch.target), judge(batch.condition, fake)
            return [each.float() for each in real], [each.float() for each in painted_]
        both = judge(batch.condition.repeat(2, 1, 1, 1), torch.cat([batch.target, fake]))
    halves = [each.float().chunk(2) for each in both]
    return [first for first, _ in halves], [second for _, second in halves]


def generator_step(
    config: TrainConfig,
    networks: Networks,
    engine: Engine,
    batches: Sequence[Batch],
    answers: Sequence[Painted] | None = None,
    *,
    adversarial: bool,
) -> Parts:
    """For each part: 1. paint, unless done already, 2. compare with the target, 3. ask the discriminator. One step."""
    engine.begin(networks.generator_optimiser)
    told: list[Parts] = []
    for index, batch in enumerate(batches):
        answer = answers[index] if answers else painted(config, networks, engine, batch)
        loss, parts = _likeness(config, networks, engine, batch, answer)
        if adversarial:
            deceived, more = deception(config, networks, engine, batch, answer.picture)
            loss, parts = loss + deceived, parts | more
        engine.backward(loss)
        told.append(parts | {"g": loss.detach()})
    means = means_of(told)
    engine.update(networks.generator_optimiser, networks.generator, means["g"])
    return means


def _likeness(
    config: TrainConfig, networks: Networks, engine: Engine, batch: Batch, answer: Painted
) -> tuple[Tensor, Parts]:
    """The losses that compare with the target, weighted and added up, and each for itself."""
    wanted, target, picture = config.loss, batch.target, answer.picture
    table = networks.colour_weights
    weights = None if table is None else pixel_weights(table, target)
    loss = wanted.l1 * weighted_l1(picture, target, weights)
    parts = {"l1": (picture.detach() - target).abs().mean()}
    terms: dict[str, tuple[float, Callable[[], Tensor]]] = {
        "chroma": (wanted.chroma, lambda: chroma_l1(picture, target)),
        "ssim": (wanted.ssim, lambda: ssim_loss(picture, target)),
        "total_variation": (wanted.total_variation, lambda: total_variation(picture)),
        "classes": (wanted.classes, lambda: class_loss(networks.classes, answer.output, target)),
        "perceptual": (wanted.perceptual, lambda: _perceptual(networks, engine, picture, target)),
    }
    for name, (weight, term) in terms.items():
        if weight:
            value = term()
            parts[name] = value.detach()
            loss = loss + weight * value
    return loss, parts


def _perceptual(networks: Networks, engine: Engine, picture: Tensor, target: Tensor) -> Tensor:
    assert networks.vgg is not None
    with engine.forward():
        return perceptual_loss(networks.vgg, picture, target).float()


def deception(
    config: TrainConfig, networks: Networks, engine: Engine, batch: Batch, picture: Tensor
) -> tuple[Tensor, Parts]:
    """The adversarial losses of the generator. The discriminator's own weights get no gradient from them."""
    discriminator, judge = networks.discriminator, networks.judge
    assert isinstance(discriminator, Discriminator)
    assert judge is not None
    discriminator.requires_grad_(False)
    with engine.forward():
        scores = [each.float() for each in judge(batch.condition, picture)]
    deceived = generator_loss(config.gan.loss, scores, config.gan.generator_loss)
    parts = {"g_adversarial": deceived.detach()}
    loss = config.gan.weight * deceived
    if config.gan.feature_matching:
        with engine.forward():
            fake = discriminator.features(batch.condition, picture)
            with torch.no_grad():
                real = discriminator.features(batch.condition, batch.target)
        matching = feature_matching([each.float() for each in real], [each.float() for each in fake])
        parts["feature_matching"] = matching.detach()
        loss = loss + config.gan.feature_matching * matching
    discriminator.requires_grad_(True)
    return loss, parts


def _score(scores: Sequence[Tensor]) -> Tensor:
    return torch.stack([each.detach().mean() for each in scores]).mean()


def means_of(told: Sequence[Parts]) -> Parts:
    return {name: torch.stack([parts[name] for parts in told]).mean() for name in told[0]}
