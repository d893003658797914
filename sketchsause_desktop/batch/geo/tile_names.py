"""Where the result of a set of map tiles goes."""

from pathlib import Path
from typing import TYPE_CHECKING

from sketchsause_desktop.batch.geo.detect import MBTILES

if TYPE_CHECKING:
    from sketchsause_desktop.batch.job import BatchJob


def tile_set_target(source: Path, inside: Path, job: "BatchJob", model: str) -> Path:
    """A folder or an .mbtiles file named like its source, by the job's template; `inside` is where that lay."""
    is_folder = source.is_dir()
    stem = source.resolve().name if is_folder else source.stem
    suffix = "" if job.tile_store == "folder" or (job.tile_store == "same" and is_folder) else MBTILES
    name = job.template.removesuffix(".{ext}").removesuffix("{ext}")
    name = name.replace("{stem}", stem).replace("{model}", model).replace("{page}", "001")
    return job.output_folder / inside / (name + suffix)
