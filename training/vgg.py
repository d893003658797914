"""The features of a VGG network (Simonyan & Zisserman 2014, https://arxiv.org/abs/1409.1556), from a file at hand."""

from pathlib import Path

import torch
from torch import Tensor, nn

from models.errors import UserError
from training.feature_metrics import VGG_FILES, cache_folder, find_weights, load_state

LAYERS = {"vgg16": (3, 8, 15, 22), "vgg19": (3, 8, 17, 26)}  # relu1_2, relu2_2, relu3_3 (3_4), relu4_3 (4_4)
_IMAGENET_MEAN, _IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VggFeatures(nn.Module):
    """Four layers' activations of RGB in [0, 1]. Its weights never learn; a gradient passes through to the picture."""

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, path: Path) -> None:
        import torchvision

        super().__init__()
        layers: nn.Sequential = getattr(torchvision.models, name)(weights=None).features[: LAYERS[name][-1] + 1]
        state = load_state(path)
        for index, layer in enumerate(layers):
            if isinstance(layer, nn.ReLU):
                layers[index] = nn.ReLU()  # in place it would spoil the activations that are handed out
        try:
            layers.load_state_dict({key: state[f"features.{key}"] for key in layers.state_dict()})
        except (KeyError, RuntimeError) as error:
            raise UserError(f"{path} does not hold the weights of {name}.", "Fetch it again.") from error
        self.name = name
        self.layers = layers
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(_IMAGENET_STD)[:, None, None], persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """(N, 3, H, W) -> (N, 64, H, W), (N, 128, H/2, W/2), (N, 256, H/4, W/4), (N, 512, H/8, W/8)."""
        x = (pictures - self.mean) / self.std
        features = []
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index in LAYERS[self.name]:
                features.append(x)
        return features


def find_vgg(file: str) -> tuple[str, Path]:
    """(name, path) of the file that is given, or of one that PyTorch fetched before; UserError where there is none."""
    if file:
        path = Path(file).expanduser()
        if not path.is_file():
            raise UserError(f"{path} is not there.", "Check loss.vgg.")
        return ("vgg19" if "vgg19" in path.name.lower() else "vgg16"), path
    for name, known in VGG_FILES.items():
        found = find_weights(known)
        if found:
            return name, found
    raise UserError(
        f"loss.perceptual needs the weights of VGG, and neither of {' and '.join(VGG_FILES.values())} is in "
        f"{cache_folder()}.",
        "Put one there, name its file with loss.vgg, or set loss.perceptual to 0.",
    )


def perceptual_loss(network: VggFeatures, picture: Tensor, target: Tensor) -> Tensor:
    """Perceptual Losses for Real-Time Style Transfer (Johnson et al. 2016, https://arxiv.org/abs/1603.08155), with L1.

    `picture` and `target` (B, 3, H, W) in [-1, 1]; the mean over four layers of the features' mean absolute difference.
    """
    with torch.no_grad():
        wanted = network((target + 1) / 2)
    painted = network((picture + 1) / 2)
    return torch.stack([(a - b).abs().mean() for a, b in zip(painted, wanted, strict=True)]).mean()
