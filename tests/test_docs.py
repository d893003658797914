"""The page that tells where everything is names what there is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["models", "training", "sketchsause_desktop", "installer"])
def test_the_architecture_names_every_module(folder: str) -> None:
    modules = [path for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py"]
    unnamed = [path.name for path in modules if path.parent.name != "recipes" and path.name not in PAGE]
    assert not unnamed


def test_the_architecture_names_no_module_that_is_gone() -> None:
    existing = {path.name for path in ROOT.rglob("*.py") if ".venv" not in path.parts}
    assert set(re.findall(r"\b(\w+\.py)\b", PAGE)) <= existing


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", "docs/architecture.md", "docs/measurements.md", "docs/gallery/README.md"]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
