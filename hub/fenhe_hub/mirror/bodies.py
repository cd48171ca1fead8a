"""Read one body from the mirror, for whoever needs more than the index keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fenhe_client.stored.files import FolderFiles
from fenhe_hub.home import Home
from fenhe_protocol.body import read_body_file
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.strict_json import NotStrictJson, loads
from fenhe_protocol.tiles import body_path

CACHED_BLOCKS = 8


def body_reader(home: Home) -> Callable[[str, str, int], Mapping[str, Any] | None]:
    """Return a reader of bodies by (origin of the log, tier, index); None where there is none."""

    @lru_cache(CACHED_BLOCKS)
    def block_of(origin: str, tier: str, block: int) -> Mapping[int, bytes]:
        folder = home.mirror(origin)
        log = origin.rpartition("/")[2]
        files = FolderFiles(folder / "public", folder / "held", log=log)
        raw = files.read(body_path(tier, block))
        lines, _ = read_body_file(raw or b"", block)
        return {line.index: line.body for line in lines}

    def read(origin: str, tier: str, index: int) -> Mapping[str, Any] | None:
        body = block_of(origin, tier, index // BLOCK).get(index)
        if body is None:
            return None
        try:
            return loads(body)
        except NotStrictJson:
            return None

    return read
