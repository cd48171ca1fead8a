"""What the home of a node and that of a hub have alike: they sign a feed, and keep a console.

`public/` holds what everyone may read and can be served by any web server as it stands; `held/`
what only an enrolled reader gets. They never share a folder, so no server setting can mix them.
"""

from dataclasses import dataclass
from pathlib import Path

CONFIG = "config.yaml"


@dataclass(frozen=True)
class FeedHome:
    """The paths under `DIR` of whoever publishes."""

    path: Path

    @property
    def config_file(self) -> Path:
        """Written last by `init`: a home without it is unfinished."""
        return self.path / CONFIG

    @property
    def keys(self) -> Path:
        """Seeds, readable by its own account alone."""
        return self.path / "keys"

    @property
    def root_next(self) -> Path:
        """The next root document while it waits for signatures."""
        return self.path / "root-next"

    @property
    def public(self) -> Path:
        """Its root documents and logs, as far as everyone may read them."""
        return self.path / "public"

    @property
    def held(self) -> Path:
        """What only enrolled readers get."""
        return self.path / "held"

    @property
    def heads(self) -> Path:
        """The signed heads; never part of a backup (feed §9)."""
        return self.path / "head.sqlite"

    @property
    def passwords(self) -> Path:
        """Who may sign in to the console; never said in a log."""
        return self.path / "console-passwords.json"
