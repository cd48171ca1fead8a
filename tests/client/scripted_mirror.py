"""A mirror that answers by a script, and a log of 600 leaves that is pushed to it."""

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from fenhe_client.fetching.fetch import Web
from fenhe_client.pushing.mirror_client import MirrorClient
from fenhe_client.pushing.push import LogPush, LogToPush, PushReport
from fenhe_client.stored.files import FolderFiles
from fenhe_protocol.checkpoint import cosign
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.upload import (
    INFO_TYPE,
    MirrorInfo,
    Package,
    UploadHeader,
    UploadParser,
    compose_mirror_info,
)
from tests.client.unit_log import CATALOGUE, NOW, UNIT, Publisher, instrument

MIRROR = SigningKey.from_seed(b"mirror".ljust(32))
COSIGNER = VerifierKey("hub.example/fenhe/m", COSIGNATURE, MIRROR.public)
REQUEST = SigningKey.from_seed(b"request".ljust(32))
SIZE = 600
Answer = tuple[int, str, bytes]


@dataclass
class Script:
    """What the mirror answers, by the last part of the address: each in turn, then the last again.

    `seen` are the bodies that came; `uploads` what `add-entries` was sent, taken apart.
    """

    answers: dict[str, list[Answer]]
    seen: list[tuple[str, bytes]] = field(default_factory=list)
    uploads: list[tuple[UploadHeader, list[Package]]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """What the script says next."""
        name, body = request.path.rpartition("/")[2], await request.read()
        self.seen.append((name, body))
        if name == "add-entries":
            self._take(request, body)
        left = self.answers[name]
        status, kind, said = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(status=status, body=said, headers={"Content-Type": kind})

    def _take(self, request: web.Request, body: bytes) -> None:
        assert request.headers["Content-Type"] == "application/octet-stream"
        # aiohttp has undone the coding.
        assert request.headers["Content-Encoding"] == "gzip"
        raw = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        header, *packages = UploadParser().feed(raw)
        assert isinstance(header, UploadHeader)
        found = [package for package in packages if isinstance(package, Package)]
        self.uploads.append((header, found))


def log_of(folder: Path) -> LogToPush:
    """A log of `SIZE` instruments, published in a folder."""
    publisher = Publisher(folder)
    publisher.publish([instrument(n) for n in range(SIZE)])
    return LogToPush(CATALOGUE, folder_files(folder), [COSIGNER])


def folder_files(folder: Path) -> FolderFiles:
    """The files of a log that was published in a folder."""
    return FolderFiles(folder / "log", folder / "log", log="catalogue")


async def push(script: Script, log: LogToPush) -> PushReport:
    """Push the log to a mirror that follows the script."""
    app = web.Application()
    app.router.add_route("*", "/{path:.+}", script.answer)
    async with TestServer(app) as server, Web() as reader:
        url = str(server.make_url(""))
        client = MirrorClient(reader, url, UNIT, REQUEST, lambda: NOW)
        return await LogPush(client, log, lambda what, done, total: None).run()


async def error_of(script: Script, log: LogToPush) -> FenheError:
    """What stops the push."""
    with pytest.raises((Deferred, Refused)) as caught:
        await push(script, log)
    return caught.value


def taken() -> Answer:
    """To a good head."""
    return (200, "application/octet-stream", b"")


def info(status: int, size: int, next_entry: int, ticket: bytes = b"t") -> Answer:
    """Where to go on."""
    return (status, INFO_TYPE, compose_mirror_info(MirrorInfo(size, next_entry, ticket)))


def cosignature(log: LogToPush, key: SigningKey = MIRROR) -> Answer:
    """The receipt."""
    note = log.files.read("checkpoint")
    assert note is not None
    signed = cosign(note, name=COSIGNER.name, key=key, now=NOW)
    return (200, "text/plain", signed[len(note) :])


def problem(status: int, code: str, expected: str = "") -> Answer:
    """A refusal."""
    body = f'{{"code": "{code}", "expected": "{expected}"}}'
    return (status, "application/problem+json", body.encode())
