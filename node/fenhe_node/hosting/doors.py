"""Which home a request is for: by the host that it names, then by its path. Pure.

A proxy that does not pass the host on is no reason to find nothing: where no home has that host the
path alone decides, if only one home has it. Start at `choose`.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Place = tuple[str, str]  # host with its port unless that is usual, path without a slash at its end


def place_of(address: str) -> Place:
    """Host and path of a public address."""
    parts = urlsplit(address)
    return host_of(parts.netloc), parts.path.rstrip("/")


def host_of(header: str) -> str:
    """A Host header in lowercase, without a port that goes without saying."""
    host = header.strip().lower()
    return host.removesuffix(":443").removesuffix(":80")


def choose(doors: Mapping[Place, T], host: str, path: str) -> T | None:
    """What stands behind the longest path that fits, at this host before any other."""
    fitting = [(place, door) for place, door in doors.items() if _is_below(path, place[1])]
    here = [(place, door) for place, door in fitting if place[0] == host_of(host)]
    longest = max((len(place[1]) for place, _ in here or fitting), default=0)
    found = _distinct(door for place, door in here or fitting if len(place[1]) == longest)
    return found[0] if len(found) == 1 else None


def _is_below(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")


def _distinct(doors: Iterable[T]) -> list[T]:
    found: list[T] = []
    for door in doors:
        if not any(door is each for each in found):
            found.append(door)
    return found
