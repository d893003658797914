"""Measures that look through a trained network: VGG Gram, LPIPS, FID, KID. Nothing is ever downloaded.

The networks' weights are the user's: taken from a folder that is given, or from where PyTorch keeps what the user
fetched before. Where a file or a library is missing, the measure is absent and a sentence says why.
"""

import importlib.util
import os
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from models.errors import UserError

if TYPE_CHECKING:
    import torch

VGG_FILES = {"vgg16": "vgg16-397923af.pth", "vgg19": "vgg19-dcbb9e9d.pth"}
LPIPS_FILES = {
    "alex": "alexnet-owt-7be5be79.pth",
    "vgg": VGG_FILES["vgg16"],
    "squeeze": "squeezenet1_1-b8a52dc0.pth",
}
INCEPTION_FILE = "weights-inception-2015-12-05-6726825d.pth"

NAMES = ("vgg_gram", "lpips", "fid", "kid")

_KID_SUBSET = 1000


class Tally(Protocol):
    """The measures of one row of outputs, gathered a few pictures at a time; uint8 (H, W, 3) of one size."""

    def add(self, outputs: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> None: ...

    def result(self) -> dict[str, float]: ...


class Measure(Protocol):
    """A network that was loaded, from which a tally is started for each row."""

    @property
    def definitions(self) -> dict[str, str]: ...

    def tally(self) -> Tally: ...


@dataclass
class FeatureMeasures:
    """Those measures there are files for, and the reason for each of the others."""

    measures: list[Measure] = field(default_factory=list)
    unavailable: dict[str, str] = field(default_factory=dict)

    @property
    def definitions(self) -> dict[str, str]:
        return {name: text for measure in self.measures for name, text in measure.definitions.items()}


def open_measures(folder: Path | None = None, device: str = "cpu") -> FeatureMeasures:
    """Look for the weights in `folder` and in PyTorch's cache and load what is there.

    A file that is there but damaged, or that is no plain set of weights, is a UserError: it would be hidden otherwise.
    """
    found = FeatureMeasures()
    vgg = _first_file(VGG_FILES, folder)
    if vgg:
        found.measures.append(_VggGram(*vgg, device))
    else:
        found.unavailable["vgg_gram"] = _missing(" or ".join(VGG_FILES.values()), folder)
    lpips = _first_file(LPIPS_FILES, folder)
    if not _installed("torchmetrics"):
        found.unavailable["lpips"] = _not_installed("torchmetrics")
    elif lpips:
        found.measures.append(_Lpips(*lpips, device))
    else:
        found.unavailable["lpips"] = _missing(" or ".join(LPIPS_FILES.values()), folder)
    inception = find_weights(INCEPTION_FILE, folder)
    absent = next((name for name in ("torchmetrics", "torch_fidelity") if not _installed(name)), None)
    if absent:
        found.unavailable["fid"] = found.unavailable["kid"] = _not_installed(absent)
    elif inception:
        found.measures.append(_Inception(inception, device))
    else:
        found.unavailable["fid"] = found.unavailable["kid"] = _missing(INCEPTION_FILE, folder)
    return found


def find_weights(name: str, folder: Path | None = None) -> Path | None:
    """The file called `name` in `folder` or among what PyTorch fetched before, if it is there."""
    places = [each for each in (folder, cache_folder()) if each]
    return next((place / name for place in places if (place / name).is_file()), None)


def cache_folder() -> Path:
    """Where torch.hub keeps what it downloaded, by the same environment variables."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("TORCH_HOME") or Path(cache) / "torch") / "hub" / "checkpoints"


def _first_file(files: dict[str, str], folder: Path | None) -> tuple[str, Path] | None:
    for name, file in files.items():
        path = find_weights(file, folder)
        if path:
            return name, path
    return None


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _not_installed(module: str) -> str:
    return f"not available offline: {module} is not installed (the extra 'metrics' has it)"


def _missing(files: str, folder: Path | None) -> str:
    places = " or ".join(str(each) for each in (folder, cache_folder()) if each)
    return f"not available offline: no {files} in {places}; name its folder with --metric-weights"


def load_state(path: Path) -> "dict[str, torch.Tensor]":
    """A plain set of weights. Files that would execute code are refused, whatever library reads them afterwards."""
    import pickle

    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about files that are then refused
            state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise UserError(f"{path} is damaged or no plain file of weights.", "Remove it or fetch it again.") from error
    return dict(state)


def _bytes(pictures: Sequence[np.ndarray], device: str) -> "torch.Tensor":
    """uint8 pictures (H, W, 3) as one uint8 tensor (N, 3, H, W)."""
    import torch

    stacked = np.stack(pictures).transpose(0, 3, 1, 2)  # (N, 3, H, W)
    return torch.from_numpy(np.ascontiguousarray(stacked)).to(device)


class _MeanTally:
    """The mean of a number that each picture has of its own."""

    def __init__(
        self, name: str, distances: "Callable[[torch.Tensor, torch.Tensor], torch.Tensor]", device: str
    ) -> None:
        self._name, self._distances, self._device = name, distances, device
        self._values: list[float] = []

    def add(self, outputs: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> None:
        self._values += self._distances(
            _bytes(outputs, self._device) / 255, _bytes(truths, self._device) / 255
        ).tolist()

    def result(self) -> dict[str, float]:
        return {self._name: float(np.mean(self._values))} if self._values else {}


class _VggGram:
    """Style distance after Gatys et al. 2016, with the layers of Johnson et al. 2016."""

    def __init__(self, name: str, path: Path, device: str) -> None:
        from training.vgg import VggFeatures

        self._network = VggFeatures(name, path).to(device)
        self._device = device
        self.definitions = {
            "vgg_gram": f"mean squared difference of the Gram matrices / (c*h*w) of four {name} layers; "
            "mean of the layers and pictures"
        }

    def tally(self) -> Tally:
        return _MeanTally("vgg_gram", self._distances, self._device)

    def _distances(self, outputs: "torch.Tensor", truths: "torch.Tensor") -> "torch.Tensor":
        import torch

        pairs = zip(self._grams(outputs), self._grams(truths), strict=True)
        return torch.stack([((a - b) ** 2).mean(dim=(1, 2)) for a, b in pairs]).mean(dim=0)

    def _grams(self, pictures: "torch.Tensor") -> "list[torch.Tensor]":
        grams: list[torch.Tensor] = []
        for features in self._network(pictures):
            flat = features.flatten(2)  # (N, C, H*W)
            grams.append(flat @ flat.transpose(1, 2) / (flat.shape[1] * flat.shape[2]))
        return grams


class _Lpips:
    """Zhang et al. 2018, version 0.1, by torchmetrics, which brings the linear heads but not the backbone."""

    def __init__(self, name: str, path: Path, device: str) -> None:
        from torchmetrics.functional.image.lpips import _LPIPS

        # With pretrained=True for the backbone it would be downloaded; so a fresh one is filled from the file.
        network: Any = _LPIPS(net=name, pnet_rand=True)
        state = load_state(path)
        # Its keys are slice1.0.weight or slices.0.0.weight for what torchvision calls features.0.weight.
        keys = {key: re.sub(r"^slices?\.?\d+\.", "features.", key) for key in network.net.state_dict()}
        network.net.load_state_dict({key: state[old] for key, old in keys.items() if old in state})
        self._network = network.eval().requires_grad_(False).to(device)
        self._device = device
        self.definitions = {"lpips": f"LPIPS 0.1 by torchmetrics, backbone {name}; mean of the pictures"}

    def tally(self) -> Tally:
        return _MeanTally("lpips", self._distances, self._device)

    def _distances(self, outputs: "torch.Tensor", truths: "torch.Tensor") -> "torch.Tensor":
        distances: torch.Tensor = self._network(outputs, truths, normalize=True).flatten()
        return distances


class _Inception:
    """FID (Heusel et al. 2017) and KID (Binkowski et al. 2018) by torchmetrics with torch-fidelity's Inception."""

    def __init__(self, path: Path, device: str) -> None:
        from torchmetrics.image.fid import NoTrainInceptionV3

        load_state(path)  # torch-fidelity would unpickle anything
        self._features = NoTrainInceptionV3("inception-v3-compat", ["2048"], str(path)).to(device)
        self._device = device
        self.definitions = {
            "fid": "FID by torchmetrics, torch-fidelity's Inception, 2048 features, 299x299; biased upwards by few "
            "pictures",
            "kid": f"KID by torchmetrics, the same features, cubic kernel, 100 subsets of at most {_KID_SUBSET}",
        }

    def tally(self) -> Tally:
        return _InceptionTally(self._features, self._device)


class _InceptionTally:
    def __init__(self, features: Any, device: str) -> None:
        import torch
        from torchmetrics.image.fid import FrechetInceptionDistance
        from torchmetrics.image.kid import KernelInceptionDistance

        class Given(torch.nn.Module):
            """What torchmetrics takes for the network: the features were computed already, once for both measures."""

            num_features = 2048

            def forward(self, features: "torch.Tensor") -> "torch.Tensor":
                return features

        self._count = 0
        self._device = device
        self._features = features
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that KID keeps all features in memory
            self._fid: Any = FrechetInceptionDistance(feature=Given()).to(device)
            self._kid: Any = KernelInceptionDistance(feature=Given()).to(device)

    def add(self, outputs: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> None:
        import torch

        self._count += len(outputs)
        with torch.inference_mode():
            for pictures, real in ((truths, True), (outputs, False)):
                features = self._features(_bytes(pictures, self._device))
                self._fid.update(features, real=real)
                self._kid.update(features, real=real)

    def result(self) -> dict[str, float]:
        """Nothing where there are not two pictures: one has no spread."""
        if self._count < 2:
            return {}
        self._kid.subset_size = min(_KID_SUBSET, self._count)
        mean, _spread = self._kid.compute()
        return {"fid": float(self._fid.compute()), "kid": float(mean)}
