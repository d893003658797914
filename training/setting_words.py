"""What each option of a training does, a sentence each, for people who do not program.

`training.schema` puts them beside the options; a test sees to it that each option has one.
"""

_DATA = {
    "load_size": "Pictures are made this large, in pixels a side, before a part is cut out.",
    "crop_size": "The side of the part that is learned from in one step, in pixels.",
    "flip": "Half of the pictures are shown mirrored.",
    "quarter_turns": "Pictures are turned by quarters; for pictures taken from above.",
    "jitter": "How far brightness, contrast and saturation of the given picture vary, 0 to 1.",
    "zoom": "By which share the size of the part varies, 0 to 1.",
    "direction": "Which side is given: the left or first one (AtoB), or the other (BtoA).",
    "input_half": "The half of a side-by-side sheet that is given.",
    "cut": "Where side-by-side sheets are cut, as a share of their width.",
    "exclude": "The names of pairs that are left out.",
    "seed": "Another number deals the pairs to learning, watching and measuring in another way.",
    "val_share": "The share of the pairs that is watched while training, and not learned from.",
    "test_share": "The share of the pairs that is kept for measuring at the end.",
    "no_hints": "The share of pictures that come without colour hints, 0 to 1.",
    "max_hints": "The most hints in a picture.",
    "palettes": "The share of pictures that come with their own palette, 0 to 1.",
    "unhinted": "A pattern of names, such as *-house: only these pairs may come without hints and palette.",
    "recoloured": "The share of pictures in which some regions get another colour, and a hint that asks for it.",
    "uneven": "How far light and colour wander over pictures that come with hints, 0 to 1.",
    "workers": "Processes that read pictures; 0 reads them on a thread of the training.",
    "cache": "Where pictures that were read are kept.",
    "cache_gb": "The most gigabytes they may take; 0 is a quarter of the memory.",
}
_MODEL = {
    "architecture": "The kind of network that paints.",
    "task": "What the model is for; the canvas shows it the layers that belong to it.",
    "title": "The name of the model in the list.",
    "input_channels": "1 looks at light and dark alone, as for line art; 3 at colours.",
    "output_channels": "3 for colours; as many as there are classes for a map.",
    "condition": "How the network sees colour hints, if at all.",
    "palette": "Whether a palette moves the network's colours.",
    "output": "Whether the network paints the picture, the colours under the lines, or the classes of a map.",
    "classes": "The colours of a map, such as #b2d1fd for water.",
    "sharpness": "How much surer of its classes a map model is taken to be than it was trained to be; 1 = as it is.",
    "fit": "Large pictures are seen whole and small, or in tiles at their own size.",
    "working_size": "The side at which the network works, in pixels.",
    "metres_per_pixel": "Metres of ground in a pixel of what is learned from, seen from above; 0 = unknown.",
    "base_width": "How much the network can hold; twice as much takes four times as long.",
    "depth": "How often the picture is halved inside the network.",
    "norm": "What keeps the numbers inside the network in range.",
    "up": "How the picture is enlarged again; resize leaves no checkerboard.",
    "dropout": "The share of features that is left out by chance while learning, 0 to 1.",
    "blocks": "Residual blocks of a resnet.",
    "self_attention": "Far parts of the picture look at each other.",
    "attention_gates": "The network chooses which details it carries over.",
    "fusion": "How details join the colours: side by side, or by what was learned.",
    "skip": "How details pass over; for networks of other programs.",
    "bottleneck": "What the innermost features pass; for networks of other programs.",
    "padding": "What lies beyond the picture's edge for the network.",
}
_DISCRIMINATOR = {
    "kind": "How the critic looks: at patches, at pixels, or at several sizes.",
    "base_width": "How much the critic can hold.",
    "layers": "How large the patches are that the critic judges; 3 is 70 pixels.",
    "norm": "What keeps the numbers inside the critic in range.",
    "spectral_norm": "Tames a critic that always wins.",
    "scales": "At how many sizes a critic of several sizes looks.",
}
_GAN = {
    "loss": "What painter and critic play for; none leaves the critic out.",
    "generator_loss": "What the painter plays for, where that is not the critic's own.",
    "weight": "How much the critic's word counts beside the wanted picture.",
    "critic_steps": "Steps of the critic before each of the painter.",
    "lambda_gp": "How firmly the critic of wgan-gp is held.",
    "feature_matching": "How much the painter learns from what the critic sees in a picture; 0 is nothing.",
    "discriminator_weight": "How strongly the critic learns.",
    "start_step": "The critic joins in at this step.",
}
_CYCLE = {
    "weight": "How much counts that a picture comes back as it was.",
    "identity": "How much counts that a picture of the wanted kind is left as it is.",
    "pool_size": "Painted pictures that the critics are shown once more.",
}
_LOSS = {
    "l1": "How much each pixel's distance from the wanted colour counts.",
    "chroma": "How much the hue counts, apart from light and dark.",
    "rare_colours": "How far rare colours count for more, 0 to 1.",
    "classes": "How much the right class counts, for a map.",
    "rare_classes": "How far rare classes count for more, 0 to 1.",
    "ssim": "How much counts that edges and textures lie as they do in the wanted picture.",
    "total_variation": "How much noise in the painted picture counts against it.",
    "perceptual": "How much counts what a trained eye (VGG) sees; its file must be on this machine.",
    "vgg": "The file of that eye; empty looks where PyTorch keeps such files.",
}
_OPTIMISER = {
    "kind": "How each step is reckoned.",
    "rate": "How large the painter's steps are; too large and it forgets, too small and it crawls.",
    "discriminator_rate": "How large the critic's steps are.",
    "betas": "How long each step remembers the ones before.",
    "weight_decay": "How firmly the weights are drawn towards nothing.",
}
_SCHEDULE = {
    "kind": "How the steps become smaller towards the end.",
    "epochs": "How often all pairs are gone through, at full rate.",
    "decay_epochs": "How often after that, with ever smaller steps.",
    "warmup_steps": "Steps at the start that are smaller.",
}
_TUNE = {
    "freeze": "What stays as it was in the model it begins with: the encoder looks at the picture, the rest paints.",
    "keep_norms": "Whether batch norms keep the statistics of the start, so that a few pictures do not shift them.",
    "replay": "Line art on which it shall answer as at the start: a folder, or shipped; empty for none.",
    "replay_share": "Share of the samples that are such line art.",
    "patience": "Measures without a better one after which it ends with the best model; 0 for never.",
}
_RUN = {
    "batch_size": "Pictures in one step; more are steadier and take more memory.",
    "seed": "Another number is another chance, with the same settings.",
    "ema": "The mean over the last steps is shown and kept; nearer to 1 is a longer mean, 0 is none.",
    "log_every": "Steps between two points of the curves.",
    "cadence": "Whether the next three count steps or epochs.",
    "sample_every": "How often sample pictures are painted; 0 is never.",
    "save_every": "How often the state is saved, from which one can resume; 0 is only at the end.",
    "measure_every": "How often the watched pairs are measured; 0 is only at the end.",
    "samples": "Pictures in a sample.",
    "keep": "How many states are kept on the disk.",
    "best": "Keeps the model that measured best as well.",
    "accumulate": "Parts in which a step is worked through; more take less memory.",
    "precision": "bf16 and fp16 are faster on a graphics card and take half the memory.",
    "checkpointing": "Half the memory for a third more time.",
    "compile": "Translates the network first: minutes at the start, faster from then on.",
    "start_from": "The model whose knowledge the training begins with.",
}

SENTENCES = {
    f"{section}.{name}": sentence
    for section, sentences in {
        "data": _DATA,
        "model": _MODEL,
        "discriminator": _DISCRIMINATOR,
        "gan": _GAN,
        "cycle": _CYCLE,
        "loss": _LOSS,
        "optimiser": _OPTIMISER,
        "schedule": _SCHEDULE,
        "run": _RUN,
        "tune": _TUNE,
    }.items()
    for name, sentence in sentences.items()
}
