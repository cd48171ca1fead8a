"""Uploads of entries to a mirror (C2SP tlog-mirror `add-entries`): what is sent and answered.

    uint16 size, log origin · uint64 upload_start · uint64 upload_end · uint16 size, ticket
    for each block of 256: the entries, each after a uint16 length; a count; so many hashes

Who sends: `UploadHeader`, `spans`, `make_package`. Who receives: `UploadParser` takes the bytes as
they come and never holds more than one package; `Package.proves` tells whether its entries are
those of the head. The answer that says where to go on is `MirrorInfo`.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from fenhe_protocol.encoding import b64_decode, b64_encode, parse_decimal
from fenhe_protocol.errors import Refused, RequestError
from fenhe_protocol.limits import BLOCK, DEFAULTS, Limits
from fenhe_protocol.merkle import HASH_BYTES, CompactRange, HashReader, leaf_hashes
from fenhe_protocol.subtree import MOST_HASHES, subtree_proof, verify_subtree
from fenhe_protocol.tiles import encode_bundle

UPLOAD_TYPE = "application/octet-stream"
INFO_TYPE = "text/x.tlog.mirror-info"
MOST_PACKAGES = 32  # that a sender puts into one request
MOST_INFO_BYTES = 96 * 1024  # two numbers and the longest ticket in base64

_MOST_SHORT = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Span:
    """One entry package before it is filled: entries [start, end).

    `block` is the index of the first entry of the 256 that it belongs to.
    """

    block: int
    start: int
    end: int


def spans(start: int, end: int) -> Iterator[Span]:
    """The canonical sequence of packages for [start, end): one for each block it touches."""
    if start < end:
        for block in range(start - start % BLOCK, end, BLOCK):
            yield Span(block, max(start, block), min(end, block + BLOCK))


@dataclass(frozen=True, slots=True)
class UploadHeader:
    """What stands before the packages. `end` is the size of the head they are proven against."""

    origin: str
    start: int
    end: int
    ticket: bytes = b""

    def compose(self) -> bytes:
        """The bytes of the header; ValueError where an origin or ticket is too long."""
        name = self.origin.encode()
        if max(len(name), len(self.ticket)) > _MOST_SHORT or not 0 <= self.start <= self.end:
            raise ValueError("an origin or ticket over 65,535 bytes, or a start above the end")
        numbers = self.start.to_bytes(8) + self.end.to_bytes(8)
        return len(name).to_bytes(2) + name + numbers + len(self.ticket).to_bytes(2) + self.ticket


@dataclass(frozen=True, slots=True)
class Package:
    """The entries of one span with the proof that their block belongs to the head."""

    span: Span
    entries: tuple[bytes, ...]
    proof: tuple[bytes, ...]

    def compose(self) -> bytes:
        """The bytes of the package."""
        return encode_bundle(self.entries) + bytes([len(self.proof)]) + b"".join(self.proof)

    def proves(self, before: Sequence[bytes], *, size: int, root: bytes) -> bool:
        """Whether the entries are those of the tree of `size` under `root`.

        `before` are the hashes of the leaves [block, start), which the mirror has already.
        """
        if len(before) != self.span.start - self.span.block:
            raise ValueError(f"{len(before)} hashes before {self.span}")
        block = CompactRange()
        block.extend([*before, *leaf_hashes(self.entries)])
        return verify_subtree(self.span.block, self.span.end, size, self.proof, block.root(), root)


def make_package(span: Span, entries: Sequence[bytes], size: int, hashes: HashReader) -> Package:
    """Fill a span with its entries and prove it within the tree of `size` (= `upload_end`)."""
    if len(entries) != span.end - span.start:
        raise ValueError(f"{len(entries)} entries for {span}")
    proof = subtree_proof(span.block, span.end, size, hashes)
    return Package(span, tuple(entries), tuple(proof))


class UploadParser:
    """Takes an upload apart while it comes in, in pieces of any size.

    RequestError `upload.form`: 400 for a header, 422 for a package that no proof could save. What
    follows the last package of the sequence is not looked at.
    """

    def __init__(self, limits: Limits = DEFAULTS) -> None:
        self._most = limits.leaf_bytes
        self._bytes = bytearray()
        self._found: list[UploadHeader | Package] = []
        self._steps = self._parse()
        self._wanted: int | None = next(self._steps)

    @property
    def is_complete(self) -> bool:
        """Whether all packages of the canonical sequence have been read."""
        return self._wanted is None

    def feed(self, data: bytes) -> Iterator[UploadHeader | Package]:
        """Take some bytes; give, as soon as each is whole, the header and then package by package.

        A generator: nothing is read before it is asked, and it has to be drained.
        """
        self._bytes += data
        while self._wanted is not None and len(self._bytes) >= self._wanted:
            piece = bytes(self._bytes[: self._wanted])
            del self._bytes[: self._wanted]
            self._wanted = self._step(piece)
            found, self._found = self._found, []
            yield from found

    def _step(self, piece: bytes) -> int | None:
        try:
            return self._steps.send(piece)
        except StopIteration:
            return None

    def _parse(self) -> Generator[int, bytes, None]:
        """Ask for so many bytes, one field after the other."""
        name = yield int.from_bytes((yield 2))
        start = int.from_bytes((yield 8))
        end = int.from_bytes((yield 8))
        ticket = yield int.from_bytes((yield 2))
        self._found.append(_header(name, start, end, ticket))
        for span in spans(start, end):
            entries = []
            for number in range(span.start, span.end):
                if (length := int.from_bytes((yield 2))) > self._most:
                    raise _bad_package(span, f"{length} bytes in entry {number}")
                entries.append((yield length))
            if (count := int.from_bytes((yield 1))) > MOST_HASHES:
                raise _bad_package(span, f"{count} hashes")
            proof = yield count * HASH_BYTES
            hashes = [proof[at : at + HASH_BYTES] for at in range(0, len(proof), HASH_BYTES)]
            self._found.append(Package(span, tuple(entries), tuple(hashes)))


def _header(name: bytes, start: int, end: int, ticket: bytes) -> UploadHeader:
    try:
        origin = name.decode()
    except UnicodeDecodeError as error:
        raise RequestError("upload.form", where="log_origin", found=str(error)) from error
    # Any name and any end may be those of somebody's log: that they are unknown is another answer.
    if not origin or start > end:
        raise RequestError("upload.form", where=origin, found=f"[{start}, {end})")
    return UploadHeader(origin, start, end, ticket)


def _bad_package(span: Span, found: str) -> RequestError:
    return RequestError("upload.form", status=422, where=f"[{span.start}, {span.end})", found=found)


@dataclass(frozen=True, slots=True)
class MirrorInfo:
    """Where to go on: a size to prove against, the first entry to send, what to send along."""

    size: int
    next_entry: int
    ticket: bytes = b""


def compose_mirror_info(info: MirrorInfo) -> bytes:
    """The body of a 409 or 202, of type `INFO_TYPE`."""
    return f"{info.size}\n{info.next_entry}\n{b64_encode(info.ticket)}\n".encode()


def parse_mirror_info(raw: bytes) -> MirrorInfo:
    """Read the body of a 409 or 202; Refused `upload.info`."""
    try:
        size, next_entry, ticket, rest = raw.decode("ascii").split("\n")
        if rest or len(raw) > MOST_INFO_BYTES:
            raise ValueError("three lines, each with its newline")
        return MirrorInfo(parse_decimal(size), parse_decimal(next_entry), b64_decode(ticket))
    except ValueError as error:
        raise Refused("upload.info", found=str(error)) from error
