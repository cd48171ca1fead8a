"""The homes that lie in a folder: each folder in it that holds a configuration."""

from collections.abc import Mapping
from pathlib import Path

from fenhe_node.home import Home
from fenhe_protocol.errors import SetupError


def homes_in(folder: Path) -> Mapping[str, Path]:
    """Their paths by the names of their folders, in order; SetupError `homes.none`."""
    try:
        found = sorted(each for each in folder.iterdir() if Home(each).config_file.is_file())
    except OSError as error:
        raise SetupError("homes.none", where=str(folder), found=str(error)) from error
    if not found:
        raise SetupError("homes.none", where=str(folder), expected="*/config.yaml")
    return {each.name: each for each in found}
