"""Names that must not lie inside one another, many at once (feed §1)."""

from collections.abc import Iterable, Iterator


class Names:
    """Origins, each of them none of the others nor inside one; asking takes no look at them all."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._known: set[str] = set()
        self._example: dict[str, str] = {}  # for each name that lies around one: which one
        for origin in origins:
            self.add(origin)

    def add(self, origin: str) -> None:
        """Take one up."""
        self._known.add(origin)
        for stem in _stems(origin):
            self._example.setdefault(stem, origin)

    def collision(self, origin: str) -> str | None:
        """A known one that is this one, holds it or lies inside it."""
        if origin in self._known:
            return origin
        if origin in self._example:
            return self._example[origin]
        return next((stem for stem in _stems(origin) if stem in self._known), None)


def _stems(origin: str) -> Iterator[str]:
    parts = origin.split("/")
    for count in range(1, len(parts)):
        yield "/".join(parts[:count])
