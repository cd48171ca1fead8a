"""A node without an inbound port, for tests: sends what it published, step by step or whole.

pusher = Pusher(node, hub, session)
await pusher.push("catalogue")      # until the cosignature is there
"""

import gzip
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import ClientResponse, ClientSession

from fenhe_client.stored.files import CHECKPOINT, read_bundle, stored_hashes
from fenhe_hub.hub import Hub
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import consistency_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.request import sign_request
from fenhe_protocol.tiles import EntryBundle, body_path
from fenhe_protocol.upload import (
    UPLOAD_TYPE,
    MirrorInfo,
    Package,
    UploadHeader,
    make_package,
    parse_mirror_info,
    spans,
)
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.hub.fake_node import START, FakeNode


@dataclass
class Pusher:
    """Sends what one node published; `known` are the sizes that the hub was told."""

    node: FakeNode
    hub: Hub
    session: ClientSession
    now: int = START
    known: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The submission prefix."""
        return self.hub.config.public_url

    def inbox(self, log: str = "") -> str:
        """`in/<H(unit origin)>[/<log>]`."""
        return f"in/{origin_hash(self.node.origin)}" + (f"/{log}" if log else "")

    def head(self, log: str) -> tuple[bytes, int]:
        """The node's signed head, and its size."""
        note = self.node.read(log, CHECKPOINT)
        return note, parse_checkpoint(parse_note(note).text).size

    async def post(
        self,
        path: str,
        content: bytes,
        kind: str = UPLOAD_TYPE,
        coding: str = "",
        signed: bool = False,
    ) -> ClientResponse:
        """POST, the answer read."""
        headers = {"Content-Type": kind} | ({"Content-Encoding": coding} if coding else {})
        headers |= self.headers("POST", path, content) if signed else {}
        uri = f"{self.url}/{path}"
        answer = await self.session.post(uri, data=BytesIO(content), headers=headers)
        await answer.read()
        return answer

    async def signed(
        self, method: str, path: str, content: bytes = b"", key: SigningKey | None = None
    ) -> ClientResponse:
        """A signed request, the answer read."""
        headers = self.headers(method, path, content, key)
        uri = f"{self.url}/{path}"
        answer = await self.session.request(method, uri, data=content or None, headers=headers)
        await answer.read()
        return answer

    def headers(
        self, method: str, path: str, content: bytes, key: SigningKey | None = None
    ) -> dict[str, str]:
        """The headers that sign a request."""
        return sign_request(
            method=method,
            uri=f"{self.url}/{path}",
            body=content,
            key=key or self.node.request_key,
            now=self.now,
            nonce=os.urandom(16),
        )

    async def add_checkpoint(self, log: str = "catalogue") -> ClientResponse:
        """Submit the head; what the hub is told is remembered."""
        note, size = self.head(log)
        old = self.known.get(log, 0)
        hashes = stored_hashes(self.node.files(log), size)
        proof = consistency_proof(old, size, hashes) if 0 < old < size else []
        content = compose_add_checkpoint(AddCheckpoint(old, tuple(proof), note))
        answer = await self.post("add-checkpoint", content)
        if answer.status == 200:
            self.known[log] = size
        return answer

    def packages(self, log: str, start: int, end: int) -> list[Package]:
        """The canonical sequence, proven within the tree of size `end`."""
        files = self.node.files(log)
        hashes = stored_hashes(files, self.node.size(log))
        whole = [entry for block in range(-(-end // BLOCK)) for entry in self.block(log, block)]
        return [
            make_package(each, whole[each.start : each.end], end, hashes)
            for each in spans(start, end)
        ]

    def block(self, log: str, block: int) -> list[bytes]:
        """The entries of a block."""
        width = min(BLOCK, self.node.size(log) - block * BLOCK)
        bundle = EntryBundle(block, width)
        return read_bundle(self.node.files(log), bundle, max_entry=DEFAULTS.leaf_bytes)

    def upload(
        self, log: str, start: int, end: int, packages: Iterable[Package] | None = None
    ) -> bytes:
        """The content of an `add-entries`."""
        sent = self.packages(log, start, end) if packages is None else packages
        header = UploadHeader(f"{self.node.origin}/{log}", start, end)
        return header.compose() + b"".join(each.compose() for each in sent)

    async def add_entries(
        self, log: str, start: int, end: int, packages: Sequence[Package] | None = None
    ) -> ClientResponse:
        """Upload, compressed as is customary."""
        content = gzip.compress(self.upload(log, start, end, packages))
        return await self.post("add-entries", content, coding="gzip", signed=True)

    async def missing(self, log: str) -> list[tuple[int, str]]:
        """What the hub lacks."""
        answer = await self.signed("GET", f"{self.inbox(log)}/missing")
        assert answer.status == 200, await answer.text()
        rows = (line.split(" ") for line in (await answer.text()).splitlines())
        return [(int(index), tier) for index, tier in rows]

    def lines(self, log: str, tier: str, block: int, indices: Iterable[int]) -> bytes:
        """Those lines of a body file."""
        wanted = set(indices)
        lines = self.node.read(log, body_path(tier, block)).splitlines(keepends=True)
        return b"".join(line for line in lines if int(line.split(b" ", 1)[0]) in wanted)

    async def put_bodies(self, log: str, tier: str, block: int, content: bytes) -> ClientResponse:
        """Send body lines."""
        return await self.signed("PUT", f"{self.inbox(log)}/{body_path(tier, block)}", content)

    async def send_missing(self, log: str) -> bool:
        """Send all bodies that the hub lacks; whether there were any."""
        missing = await self.missing(log)
        for tier, block in sorted({(tier, index // BLOCK) for index, tier in missing}):
            indices = [i for i, other in missing if other == tier and i // BLOCK == block]
            answer = await self.put_bodies(log, tier, block, self.lines(log, tier, block, indices))
            assert answer.status == 204, await answer.text()
        return bool(missing)

    async def push(self, log: str) -> bytes:
        """Push the log whole; the cosignature lines, none where a body was refused for privacy."""
        _, size = self.head(log)
        answer = await self.add_checkpoint(log)
        if answer.status == 409:
            self.known[log] = int(await answer.text())
            answer = await self.add_checkpoint(log)
        assert answer.status == 200, await answer.text()
        start = 0
        while True:
            answer = await self.add_entries(log, start, size)
            if answer.status == 200:
                return await answer.read()
            assert answer.status in (202, 409), await answer.text()
            info = info_of(await answer.read())

            assert info.size == size
            if info.next_entry == size == start and not await self.send_missing(log):
                return b""
            start = info.next_entry


def info_of(raw: bytes) -> MirrorInfo:
    """The body of a 202 or 409."""
    return parse_mirror_info(raw)
