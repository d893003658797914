"""What the numbers of an adversarial training say about its health, in words."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from training.config import Adversarial

_PATIENCE = 10  # reports in a row
_CHANCE = {"bce": math.log(2), "lsgan": 0.25, "hinge": 2.0}  # the discriminator's loss when it tells nothing apart
_SURE = {"bce": 0.01, "lsgan": 0.005, "hinge": 0.02}  # and when it is never deceived
_STEEP, _FLAT = 10.0, 0.05  # a critic's gradient norm, which the penalty holds near 1


@dataclass
class Watch:
    """Looks at the means that are logged; says each thing once, when it held for a while."""

    loss: Adversarial
    _in_a_row: dict[str, int] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)

    def state(self) -> tuple[list[str], dict[str, int]]:
        return sorted(self._said), dict(self._in_a_row)

    def restore(self, state: tuple[Iterable[str], Mapping[str, int]]) -> None:
        said, in_a_row = state
        self._said, self._in_a_row = set(said), dict(in_a_row)

    def look(self, losses: Mapping[str, float]) -> str | None:
        for sentence, holds in self._signs(losses).items():
            self._in_a_row[sentence] = self._in_a_row.get(sentence, 0) + 1 if holds else 0
            if self._in_a_row[sentence] >= _PATIENCE and sentence not in self._said:
                self._said.add(sentence)
                return sentence
        return None

    def _signs(self, losses: Mapping[str, float]) -> dict[str, bool]:
        if "d" not in losses:
            return {}
        if self.loss == "wgan-gp":
            norm = losses["gradient_norm"]
            return {
                "The critic's gradient is far above 1: it is no distance any more. Raise gan.lambda_gp or lower "
                "optimiser.discriminator_rate.": norm > _STEEP,
                "The critic is flat: it tells the generator nothing. Raise optimiser.discriminator_rate.": norm < _FLAT,
            }
        chance = _CHANCE[self.loss]
        return {
            "The discriminator wins: it is never deceived, so the generator learns little from it. Lower "
            "optimiser.discriminator_rate, or set discriminator.spectral_norm.": losses["d"] < _SURE[self.loss],
            "The discriminator cannot tell painted from real: it has stopped learning, or needs a higher "
            "optimiser.discriminator_rate.": abs(losses["d"] - chance) < 0.005 * chance,
        }
