"""Fetch the files of one log by what they are: checkpoint, bundles, tiles, body files (feed §1).

A partial bundle or tile that is gone is cut from the full one. `FolderFetcher` reads a log that
lies in a folder with the same code.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from fenhe_client.fetching.answers import ABSENT, OK
from fenhe_client.fetching.fetch import Answer, Fetcher
from fenhe_client.stored.files import CHECKPOINT
from fenhe_protocol.errors import Deferred, Refused, SetupError
from fenhe_protocol.limits import BLOCK, Limits
from fenhe_protocol.merkle import HASH_BYTES
from fenhe_protocol.tiles import EntryBundle, Tile, body_path, decode_bundle, encode_bundle

_LENGTH_BYTES = 2


async def fetch_bundle(fetcher: Fetcher, bundle: EntryBundle, *, max_entry: int) -> bytes | None:
    """The bytes of a bundle, or None where neither it nor the full one exists."""
    limit = BLOCK * (max_entry + _LENGTH_BYTES)
    answer = await fetcher.get(bundle.path, limit=limit)
    if answer.status == ABSENT and bundle.width < BLOCK:
        answer = await fetcher.get(replace(bundle, width=BLOCK).path, limit=limit)
        if answer.status == OK:
            entries = decode_bundle(answer.body, BLOCK, max_entry=max_entry)
            return encode_bundle(entries[: bundle.width])
    return answer.body if answer.status == OK else None


async def fetch_tile(fetcher: Fetcher, tile: Tile) -> bytes | None:
    """The bytes of a tile, or None where neither it nor the full one exists."""
    answer = await fetcher.get(tile.path, limit=BLOCK * HASH_BYTES)
    if answer.status == ABSENT and tile.width < BLOCK:
        answer = await fetcher.get(replace(tile, width=BLOCK).path, limit=BLOCK * HASH_BYTES)
        return answer.body[: tile.width * HASH_BYTES] if answer.status == OK else None
    return answer.body if answer.status == OK else None


async def fetch_body(
    fetcher: Fetcher, tier: str, block: int, limits: Limits, *, fresh: bool = False
) -> bytes:
    """A body file, empty where there is none."""
    path = body_path(tier, block)
    answer = await fetcher.get(path, limit=BLOCK * limits.line_bytes, fresh=fresh)
    return answer.body


class Below:
    """The files of a fetcher below one of its folders."""

    def __init__(self, fetcher: Fetcher, folder: str) -> None:
        self._fetcher, self._folder = fetcher, folder

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """Fetch one file of the folder."""
        return await self._fetcher.get(
            f"{self._folder}/{path}", limit=limit, etag=etag, fresh=fresh
        )


class FolderFetcher:
    """A fetcher over folders: a node's public tree, a mirror, any copy of a log."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """Read one file of at most `limit` bytes."""
        return await asyncio.to_thread(self._read, path, limit)

    def _read(self, path: str, limit: int) -> Answer:
        for folder in self._folders:
            try:
                with (folder / path).open("rb") as file:
                    body = file.read(limit + 1)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                raise Deferred("fetch.broken", where=path, found=str(error)) from error
            if len(body) > limit:
                raise Refused("fetch.size", where=path, expected=f"at most {limit} bytes")
            return Answer(OK, body)
        return Answer(ABSENT)


def log_folders(folder: Path, log: str) -> tuple[Path, ...]:
    """Where the files of a log lie: in the folder itself, or as in a home or a mirror below it."""
    public, held = folder / "public", folder / "held"
    places = ((folder,), (folder / log,), (public, held), (public / log, held / log))
    for place in places:
        if any((each / CHECKPOINT).is_file() for each in place):
            return place
    raise SetupError("verify.absent", where=str(folder), expected=CHECKPOINT)
