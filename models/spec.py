"""ModelSpec: everything a program must know to build a network and to feed it, kept inside every weights file."""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from models.errors import UserError

FORMAT_VERSION = 1

Architecture = Literal["unet", "resunet", "resnet"]
Task = Literal["lineart", "satmap", "other"]
Condition = Literal["none", "hints", "spread_hints"]
Output = Literal["image", "colour_layer", "classes"]
Fit = Literal["resize", "tile"]
Norm = Literal["batch", "instance", "none"]
Up = Literal["transpose", "resize"]
Fusion = Literal["concat", "learned"]
Skip = Literal["relu", "leaky"]
Bottleneck = Literal["relu", "leaky"]
Padding = Literal["zeros", "reflect"]

_OWNERS: dict[str, tuple[Architecture, ...]] = {  # settings that only some architectures have, apart from the default
    "blocks": ("resnet",),
    "self_attention": ("unet", "resunet"),
    "attention_gates": ("unet", "resunet"),
    "fusion": ("unet", "resunet"),
    "skip": ("unet",),
    "bottleneck": ("unet",),
    "padding": ("unet",),
    "palette": ("unet", "resunet"),
}

HINT_CHANNELS = 4  # red, green, blue in [-1, 1] (0 where nothing is hinted); mask, or closeness, in [0, 1]
PALETTE_COLOURS = 8  # the most a network is shown
PALETTE_CHANNELS = 4  # red, green, blue in [-1, 1], and 1 where there is a colour


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """The description of one generator.

    `output="colour_layer"` means the network paints what lies *under* the lines and the finished picture is that
    layer times the line art; `"image"` means it paints the finished picture; `"classes"` that it says of each pixel
    which of the colours `classes` it has, for pictures of few colours such as maps (models.conditioning).

    `fit="resize"` means a large picture is
    seen whole at `working_size` (the colours are enlarged under crisp lines); `"tile"` means it is seen at its own
    scale in overlapping tiles.

    `skip`, `bottleneck` and `padding` tell apart the U-Nets that are found in the wild (models.importers). In pix2pix's
    the skips pass the decoder's ReLU ("relu"); in others they carry the encoder's LeakyReLU and the decoder activates
    before it concatenates ("leaky"; layers without a norm then have a bias).

    With `condition="hints"` the network sees the dabs themselves, with "spread_hints" their colours over the whole
    picture and how near they are (models.hint_spread).
    """

    architecture: Architecture = "unet"
    task: Task = "other"
    title: str = ""
    input_channels: int = 3  # 1 = luminance (line art), 3 = RGB
    output_channels: int = 3
    condition: Condition = "none"
    palette: bool = False  # whether a palette moves the features of bottleneck and decoder (models.style)
    output: Output = "image"
    classes: tuple[str, ...] = ()  # colours such as "#fba028", as many as output channels
    sharpness: float = 1.0  # above 1 a network of classes is taken to be surer than it was trained to be
    fit: Fit = "tile"
    working_size: int = 256  # pixels of the longer side for "resize", side of a tile for "tile"
    metres_per_pixel: float = 0.0  # of the pictures it learned from, as it saw them; 0 where nobody knows
    base_width: int = 64
    depth: int = 8  # how often the picture is halved
    norm: Norm = "batch"
    up: Up = "transpose"
    dropout: float = 0.5
    blocks: int = 9  # residual blocks of the resnet
    self_attention: bool = False  # where the picture is halved three times
    attention_gates: bool = False  # on the skips
    fusion: Fusion = "concat"  # how a skip joins the decoder
    skip: Skip = "relu"
    bottleneck: Bottleneck = "relu"  # what the innermost features pass
    padding: Padding = "zeros"  # of the encoder's convolutions, but for the innermost

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(type(self)).items():
            value, choices = getattr(self, name), get_args(hint) if get_origin(hint) is Literal else ()
            if choices and value not in choices:
                raise UserError(f"{name} = {value!r} is not known.", f"Choose one of: {', '.join(choices)}.")
            if hint is int and (not isinstance(value, int) or isinstance(value, bool)):
                raise UserError(f"{name} = {value!r} must be a whole number.")
            if hint is bool and not isinstance(value, bool):
                raise UserError(f"{name} = {value!r} must be true or false.")
        _require(self.input_channels in (1, 3), "input_channels must be 1 or 3.")
        _require(1 <= self.output_channels <= 64, "output_channels must lie between 1 and 64.")
        _require(2 <= self.depth <= 10, "depth must lie between 2 and 10.")
        _require(1 <= self.base_width <= 512, "base_width must lie between 1 and 512.")
        _require(16 <= self.working_size <= 8192, "working_size must lie between 16 and 8192 pixels.")
        _require(0.0 <= self.metres_per_pixel <= 1e6, "metres_per_pixel must lie in [0, 1000000].")
        _require(0.0 <= self.dropout < 1.0, "dropout must lie in [0, 1).")
        _require(self.output != "colour_layer" or self.output_channels == 3, "a colour layer has three channels.")
        _require(all(re.fullmatch("#[0-9a-f]{6}", each) for each in self.classes), "classes are colours like #fba028.")
        wanted = self.output_channels if self.output == "classes" else 0
        _require(len(self.classes) == wanted, f"{self.output_channels} output channels do not fit the classes.")
        _require(0.1 <= self.sharpness <= 10, "sharpness must lie in [0.1, 10].")
        _require(self.output == "classes" or self.sharpness == 1, "sharpness is a setting of classes.")
        _require(self.output != "image" or self.output_channels <= 4, "an image has at most four output channels.")
        self._require_owned()

    def _require_owned(self) -> None:
        """An architecture is not given what it does not have."""
        for field in dataclasses.fields(self):
            owners = _OWNERS.get(field.name, (self.architecture,))
            _require(
                self.architecture in owners or getattr(self, field.name) == field.default,
                f"{field.name} is a setting of {' and '.join(owners)}, {self.architecture} has none.",
            )
        _require(1 <= self.blocks <= 32, "blocks must lie between 1 and 32.")
        _require(self.architecture != "resnet" or self.depth <= 4, "depth must lie between 2 and 4 for a resnet.")
        _require(not self.self_attention or self.depth >= 3, "self_attention needs a depth of at least 3.")

    @property
    def sees_tiles(self) -> bool:
        """Whether it paints pictures in tiles, so that they can be shown to it enlarged or reduced."""
        return self.fit == "tile" and self.output != "colour_layer"

    @property
    def condition_channels(self) -> int:
        return HINT_CHANNELS if self.takes_hints else 0

    @property
    def takes_hints(self) -> bool:
        return self.condition != "none"

    @property
    def network_channels(self) -> int:
        """Channels of the network's input: the picture's and the condition's."""
        return self.input_channels + self.condition_channels

    @property
    def size_multiple(self) -> int:
        """Both sides of the network's input must be multiples of this many pixels."""
        reflected = self.architecture == "resnet"  # its innermost features are mirrored by one pixel, so there are two
        return 1 << self.depth + reflected

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "ModelSpec":
        """Raises UserError when the text is no description this version understands."""
        try:
            fields = json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError("The model's description is damaged.", "Fetch or export the model again.") from error
        if not isinstance(fields, dict):
            raise UserError("The model's description is damaged.", "Fetch or export the model again.")
        return ModelSpec.from_dict(fields)

    @staticmethod
    def from_dict(fields: Mapping[str, Any]) -> "ModelSpec":
        known = {field.name for field in dataclasses.fields(ModelSpec)}
        unknown = sorted(set(fields) - known)
        if unknown:
            raise UserError(
                f"The model uses settings this version does not know ({', '.join(unknown)}).", "Update SketchSause."
            )
        tuples: dict[str, Any] = {name: tuple(each) for name, each in fields.items() if isinstance(each, list)}
        return ModelSpec(**{**fields, **tuples})


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise UserError(f"The model's description is not usable: {sentence}")
