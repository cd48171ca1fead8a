"""Who signed a request: readers of the configuration, hubs above, enrolled units (feed §8)."""

import logging
import time
from collections.abc import Iterator, Mapping

from fenhe_hub.hub import Hub
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.above import above_roots
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.web.access import Reader
from fenhe_protocol.errors import FenheError, RequestError
from fenhe_protocol.request import RequestVerifier, content_digest, key_id

_LOGGER = logging.getLogger("fenhe_hub.doormen")
_LEAST_SECONDS = 2.0


class Doormen:
    """Verifies signed requests; an unknown key makes it look into the registry, not too often."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._readers: dict[str, Reader] = {}
        self._keys: dict[str, bytes] = {}
        self._roots1: dict[str, str] = {}  # by unit origin
        self._verifier = RequestVerifier(self._keys)
        self._read_at = -_LEAST_SECONDS

    def admit(
        self, method: str, raw_path: str, headers: Mapping[str, str], body: bytes | None, now: int
    ) -> Reader:
        """The reader who signed this; RequestError 401."""
        digest = content_digest(body) if body else None
        return self.admit_head(method, raw_path, headers, digest, now)

    def admit_head(
        self, method: str, raw_path: str, headers: Mapping[str, str], digest: str | None, now: int
    ) -> Reader:
        """As `admit`, before the content is read: whoever calls holds it against `digest` then."""
        uri = self._hub.config.public_host + raw_path
        try:
            key = self._verifier.verify_head(method, uri, headers, digest, now)
        except RequestError as error:
            if error.code != "request.key" or not self._read_again():
                raise
            key = self._verifier.verify_head(method, uri, headers, digest, now)
        return self._still_listed(key)

    def _still_listed(self, key: str) -> Reader:
        """The reader of this key; RequestError where its unit has dropped it, as after a theft."""
        reader = self._readers[key]
        for unit in reader.owned:
            listed = current_root(self._hub.home, unit, self._roots1[unit]).request
            if self._keys[key] not in listed:
                self.forget()
                if key not in self._readers:
                    raise RequestError("request.key", status=401, found=key)
                return self._readers[key]
        return reader

    def forget(self) -> None:
        """Look at the registry and the root documents anew: one has changed."""
        self._read_at = -_LEAST_SECONDS
        self._read_again()

    def _read_again(self) -> bool:
        if time.monotonic() - self._read_at < _LEAST_SECONDS:
            return False
        self._read_at = time.monotonic()
        self._roots1.clear()
        self._keys.clear()
        self._readers.clear()
        for public, reader in self._enrolled():
            key = key_id(public)
            known = self._readers.get(key)
            self._keys[key] = public
            self._readers[key] = known.joined(reader) if known else reader
        return True

    def _enrolled(self) -> Iterator[tuple[bytes, Reader]]:
        for each in self._hub.config.readers:
            units = None if each.units is None else frozenset(each.units)
            yield each.public, Reader(each.name, frozenset(each.tiers), units)
        yield from self._keys_above()
        for unit in Registry(self._hub.home.registry_file):
            yield from self._keys_of(unit)

    def _keys_above(self) -> Iterator[tuple[bytes, Reader]]:
        """The request keys of hubs above, as their newest root documents list them."""
        try:
            for hub, root in above_roots(self._hub.home):
                for public in root.request:
                    yield public, Reader(hub.origin, frozenset({"pub", *hub.tiers}))
        except (FenheError, ValueError) as error:
            _LOGGER.error("above.yaml: %s", error)

    def _keys_of(self, unit: Enrolment) -> Iterator[tuple[bytes, Reader]]:
        try:
            keys = current_root(self._hub.home, unit.origin, unit.root1).request
        except FenheError:
            return
        for public in keys:
            self._roots1[unit.origin] = unit.root1
            yield public, Reader(unit.origin, owned=frozenset({unit.origin}))
