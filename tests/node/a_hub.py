"""A hub as a node meets it: root documents, `fed`, a mirror, refusals, on a real server."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, sign_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.request import RequestVerifier, key_id
from fenhe_protocol.root_document import (
    LogKeys,
    compose_root,
    cosigner_name,
    fingerprint,
    sign_root,
)
from tests.node.homes import NOW, ORIGIN

HUB = "hub.example/fenhe"
HUB_UNIT = "12140000000000019W"
ROOT, LOG, MIRROR, REQUEST, NEXT_REQUEST = (
    SigningKey.from_seed(bytes([n]) * 32) for n in range(1, 6)
)


@dataclass
class AHub:
    """Files by path; what lies under `in/` is only given to requests signed by `reader`."""

    files: dict[str, bytes] = field(default_factory=dict)
    reader: bytes | None = None
    url: str = ""
    now: int = NOW

    @property
    def fingerprint(self) -> str:
        return fingerprint(parse_note(self.files["root/1"]).text)

    def write_root(
        self, *, n: int = 1, request: SigningKey = REQUEST, cosigns: bool = True
    ) -> None:
        prev = parse_note(self.files[f"root/{n - 1}"]).text if n > 1 else None
        text = compose_root(
            origin=HUB,
            unit=HUB_UNIT,
            url="https://hub.example/fenhe",
            time=NOW + n,
            root=[ROOT.public],
            logs=[LogKeys("fed", (KeyRange(LOG.public),))],
            request=[request.public],
            cosign=MIRROR.public if cosigns else None,
            n=n,
            prev=fingerprint(prev) if prev else None,
        )
        self.files[f"root/{n}"] = sign_root(text, HUB, [ROOT])

    def write_fed(self, size: int = 0, root: bytes = EMPTY_ROOT) -> None:
        self.files["fed/checkpoint"] = sign_checkpoint(Checkpoint(f"{HUB}/fed", size, root), LOG)

    def mirror(self, log: str, checkpoint: bytes, *, at: int | None) -> None:
        if at is not None:
            checkpoint = cosign(checkpoint, name=cosigner_name(HUB), key=MIRROR, now=at)
        self.files[f"m/{origin_hash(f'{ORIGIN}/{log}')}/checkpoint"] = checkpoint

    def reject(
        self, log: str, *rows: dict[str, object], witnesses: Sequence[str] | None = None
    ) -> None:
        path = f"in/{origin_hash(ORIGIN)}/{log}/rejected"
        told = {"more": False, "rejected": rows, "witnesses": witnesses}
        self.files[path] = json.dumps(told).encode()

    async def answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if path.startswith("in/"):
            assert self.reader is not None
            verifier = RequestVerifier({key_id(self.reader): self.reader})
            verifier.verify("GET", f"{self.url}/{path}", request.headers, None, self.now)
        if path not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[path])


@asynccontextmanager
async def a_hub() -> AsyncIterator[AHub]:
    """Serve a hub with root document 1 and an empty `fed`."""
    hub = AHub()
    hub.write_root()
    hub.write_fed()
    app = web.Application()
    app.router.add_get("/{path:.+}", hub.answer)
    async with TestServer(app) as server:
        hub.url = str(server.make_url("")).rstrip("/")
        yield hub
