"""Generators as other programs define them: the names of their layers and what they compute, in words of our own."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

NormMaker = Callable[[int], nn.Module]


def plain_instance(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels)  # neither parameters nor statistics, as in CycleGAN


def no_norm(_channels: int) -> nn.Module:
    return nn.Identity()


class NestedBlock(nn.Module):
    """pytorch-CycleGAN-and-pix2pix: a level of its U-Net holds the next. The activation works in place, on the skip."""

    def __init__(self, outer: int, inner: int, inside: nn.Module | None, norm: NormMaker, entry: int = 0) -> None:
        super().__init__()
        bias = norm is plain_instance
        self.outermost = entry > 0
        down = nn.Conv2d(entry or outer, inner, 4, 2, 1, bias=bias)
        up = nn.ConvTranspose2d(2 * inner if inside else inner, outer, 4, 2, 1, bias=bias or self.outermost)
        if self.outermost:
            assert inside is not None
            layers = [down, inside, nn.ReLU(True), up, nn.Tanh()]
        elif inside is None:
            layers = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True), up, norm(outer)]
        else:
            layers = [nn.LeakyReLU(0.2, True), down, norm(inner), inside, nn.ReLU(True), up, norm(outer), nn.Dropout()]
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.model(x)
        return answer if self.outermost else torch.cat([x, answer], 1)


class NestedUNet(nn.Module):
    def __init__(self, depth: int, width: int, norm: NormMaker, inputs: int = 3, outputs: int = 3) -> None:
        super().__init__()
        widths = [width * min(2**i, 8) for i in range(depth)]
        block: NestedBlock | None = None
        for i in reversed(range(1, depth)):
            block = NestedBlock(widths[i - 1], widths[i], block, norm)
        self.model = NestedBlock(outputs, width, block, norm, entry=inputs)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.model(x)
        return answer


class NumberedBlock(nn.Module):
    def __init__(self, channels: int, norm: NormMaker, dropout: bool) -> None:
        super().__init__()
        bias = norm is plain_instance
        first = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm(channels), nn.ReLU(True)]
        second = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3, bias=bias), norm(channels)]
        self.conv_block = nn.Sequential(*first, *([nn.Dropout(0.5)] if dropout else []), *second)

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = x + self.conv_block(x)
        return answer


class NumberedResnet(nn.Module):
    """pytorch-CycleGAN-and-pix2pix: everything in one sequence."""

    def __init__(self, blocks: int, width: int, norm: NormMaker, dropout: bool) -> None:
        super().__init__()
        bias = norm is plain_instance
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7, bias=bias), norm(width), nn.ReLU(True)]
        for inner in (width, 2 * width):
            layers += [nn.Conv2d(inner, 2 * inner, 3, 2, 1, bias=bias), norm(2 * inner), nn.ReLU(True)]
        layers += [NumberedBlock(4 * width, norm, dropout) for _ in range(blocks)]
        for inner in (2 * width, width):
            up = nn.ConvTranspose2d(2 * inner, inner, 3, 2, 1, output_padding=1, bias=bias)
            layers += [up, norm(inner), nn.ReLU(True)]
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        answer: Tensor = self.model(x)
        return answer


class NamedUNet(nn.Module):
    """initial_down, down1.conv, ..., bottleneck, up1.conv, ..., final_up: activated after norms, mirrored borders."""

    def __init__(self, width: int, depth: int = 8) -> None:
        super().__init__()
        widths = [width * min(2**i, 8) for i in range(depth)]
        self.depth = depth
        first = nn.Conv2d(3, width, 4, 2, 1, padding_mode="reflect")
        self.initial_down = nn.Sequential(first, nn.LeakyReLU(0.2))
        for i in range(1, depth - 1):
            conv = nn.Conv2d(widths[i - 1], widths[i], 4, 2, 1, bias=False, padding_mode="reflect")
            self.add_module(f"down{i}", _Named("conv", conv, nn.BatchNorm2d(widths[i]), nn.LeakyReLU(0.2)))
        self.bottleneck = nn.Sequential(nn.Conv2d(widths[-2], widths[-1], 4, 2, 1), nn.ReLU())
        for number in range(1, depth):
            i = depth - 1 - number
            inputs = widths[-1] if number == 1 else 2 * widths[i + 1]
            up = nn.ConvTranspose2d(inputs, widths[i], 4, 2, 1, bias=False)
            self.add_module(f"up{number}", _Named("conv", up, nn.BatchNorm2d(widths[i]), nn.ReLU(), nn.Dropout()))
        self.final_up = nn.Sequential(nn.ConvTranspose2d(2 * width, 3, 4, 2, 1), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.initial_down(x)]
        for i in range(1, self.depth - 1):
            skips.append(self.get_submodule(f"down{i}")(skips[-1]))
        x = self.get_submodule("up1")(self.bottleneck(skips[-1]))
        for number in range(2, self.depth):
            x = self.get_submodule(f"up{number}")(torch.cat([x, skips.pop()], 1))
        answer: Tensor = self.final_up(torch.cat([x, skips.pop()], 1))
        return answer


class DescribedUNet(nn.Module):
    """As the project's description counts it: down1.model ... down8.model, up1.model ... up7.model, final."""

    def __init__(self, width: int, depth: int = 8, *, biased: bool = False) -> None:
        super().__init__()
        widths = [width * min(2**i, 8) for i in range(depth)]
        self.depth = depth
        for i, (inner, outer) in enumerate(zip([3, *widths[:-1]], widths, strict=True)):
            conv = nn.Conv2d(inner, outer, 4, 2, 1, bias=biased)
            norm = [nn.BatchNorm2d(outer)] if 0 < i < depth - 1 else []
            self.add_module(f"down{i + 1}", _Named("model", conv, *norm))
        for number in range(1, depth):
            i = depth - 1 - number
            up = nn.ConvTranspose2d(widths[i + 1] * (1 if number == 1 else 2), widths[i], 4, 2, 1, bias=biased)
            self.add_module(f"up{number}", _Named("model", up, nn.BatchNorm2d(widths[i]), nn.ReLU(), nn.Dropout()))
        self.final = nn.ConvTranspose2d(2 * width, 3, 4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for i in range(self.depth):
            x = functional.leaky_relu(self.get_submodule(f"down{i + 1}")(x), 0.2)
            skips.append(x)
        x = skips.pop()
        for number in range(1, self.depth):
            x = torch.cat([self.get_submodule(f"up{number}")(x), skips.pop()], 1)
        return torch.tanh(self.final(x))


class _Named(nn.Module):
    """A sequence under a name of its own, as in `down1.conv.0.weight`."""

    def __init__(self, name: str, *layers: nn.Module) -> None:
        super().__init__()
        self.add_module(name, nn.Sequential(*layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.children():
            x = layer(x)
        return x
