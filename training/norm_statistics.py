"""A batch-norm generator run with the statistics of the picture at hand, as pix2pix was tested by its authors."""

from pathlib import Path

import numpy as np

from models.spec import ModelSpec


class PerImageRuntime:
    """Runs a model in eager torch; its batch norms use each picture's own mean and variance, dropout is off.

    It stands where `models.runtime.load_runtime`'s answer stands, which uses the running statistics of the training.
    """

    def __init__(self, path: Path, device: str = "cpu") -> None:
        import torch

        from models.checkpoint import load_arrays, read_header
        from models.registry import build

        self.spec: ModelSpec = read_header(path).spec
        self.device = device
        self.title = f"{device}, torch, statistics of each picture"
        self._network = build(self.spec).to(device).eval()
        state = {name: torch.from_numpy(array) for name, array in load_arrays(path).items()}
        self._network.load_state_dict(state)
        for module in self._network.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.track_running_stats = False
                module.running_mean = module.running_var = None  # then the batch's own are taken

    def run(self, x: np.ndarray, palette: np.ndarray | None = None) -> np.ndarray:
        """float32 (N, C, H, W) in [-1, 1]; one picture at a time, so that none sees another's statistics."""
        import torch

        colours = [] if palette is None else [torch.from_numpy(palette[None]).to(self.device)]
        with torch.inference_mode():
            outputs = [self._network(torch.from_numpy(each[None]).to(self.device), *colours) for each in x]
            answer: np.ndarray = torch.cat(outputs).cpu().numpy()
        return answer
