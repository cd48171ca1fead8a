"""Content codings of an answer, decoded as it streams and counted after decoding (feed §12)."""

import zlib

from fenhe_protocol.errors import Deferred, Refused

_GZIP_ONLY = 16 + zlib.MAX_WBITS


class Decoder:
    """Bytes of one answer: `identity` or one member of `gzip`, never more than `limit` of them."""

    def __init__(self, coding: str, limit: int, where: str) -> None:
        if coding not in ("", "identity", "gzip"):
            raise Refused("fetch.coding", where=where, expected="identity, gzip", found=coding)
        self._gzip = zlib.decompressobj(_GZIP_ONLY) if coding == "gzip" else None
        self._limit = limit
        self._where = where
        self._parts: list[bytes] = []
        self.size = 0

    def feed(self, chunk: bytes) -> int:
        """Take bytes as received; return how many came out."""
        part = chunk if self._gzip is None else self._inflate(self._gzip, chunk)
        self.size += len(part)
        if self.size > self._limit:
            raise self.too_large(f"more than {self._limit}")
        self._parts.append(part)
        return len(part)

    def finish(self) -> bytes:
        """Return the whole; refuse a gzip member that is not complete."""
        if self._gzip is not None and not self._gzip.eof:
            raise Deferred("fetch.broken", where=self._where, found="gzip member cut short")
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def too_large(self, found: str) -> Refused:
        """The refusal of an answer beyond its limit."""
        return Refused(
            "fetch.size", where=self._where, expected=f"at most {self._limit} bytes", found=found
        )

    def _inflate(self, gzip: "zlib._Decompress", chunk: bytes) -> bytes:
        if gzip.eof and chunk:
            raise self._trailing()
        try:
            # One byte more than allowed shows that there is more, and no bomb goes off.
            part = gzip.decompress(chunk, self._limit - self.size + 1)
        except zlib.error as error:
            raise Refused("fetch.gzip", where=self._where, found=str(error)) from error
        if gzip.unused_data:
            raise self._trailing()
        return part

    def _trailing(self) -> Refused:
        return Refused("fetch.gzip", where=self._where, found="bytes after the gzip member")
