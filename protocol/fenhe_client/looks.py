"""How our pages look alike: the style that consoles and a node's public pages have in common."""

from importlib import resources


def style_sheet(package: str, path: str) -> str:
    """What all pages have in common, then what a package has of its own, which counts over it."""
    own = (resources.files(package) / path).read_text(encoding="utf-8")
    return (resources.files(__package__) / "static/base.css").read_text(encoding="utf-8") + own
