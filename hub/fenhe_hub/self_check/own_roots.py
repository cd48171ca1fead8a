"""The hub's own root documents, mended before the hub is opened: without them it is nobody.

Whoever mirrors this hub has them: hubs above, and one that the operator names. A first document is
taken for ours if it is of our name and lists a key whose seed is here, or if the second one that
lies here says which it is. Start at `mend_own_roots`.
"""

from collections.abc import Iterator
from functools import partial

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.result import Finding, findings_of
from fenhe_client.checking.roots_check import damaged_roots, mend_roots
from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.seeds import SUFFIX, load_seed
from fenhe_client.stored.files import root_path
from fenhe_hub.config import load_config
from fenhe_hub.home import Home
from fenhe_hub.hub import own_roots
from fenhe_hub.registry.above import above_us
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import RootDocument, fingerprint, open_first
from fenhe_protocol.root_text import read_root_text

LOST = (
    "fenhe-hub check-files --from URL (镜像本平台的另一个平台), 或从备份放回; "
    "from a hub that mirrors this one, or put it back from a backup"
)


async def mend_own_roots(home: Home, source: str = "") -> list[Finding]:
    """Mend the chain if it is damaged; `source` is the address of a hub that mirrors this one."""
    origin, files = load_config(home.config_file).origin, own_roots(home)
    first = partial(_open_own, home, origin)
    if not damaged_roots(files, first):
        return []
    async with Web() as web:
        copies = [
            Copy(url, partial(web.open, f"{url}/m/{origin_hash(origin)}", reach=PRIVATE_TOO))
            for url in _mirrors(home, source)
        ]
        return findings_of(origin, await mend_roots(files, first, copies), LOST)


def _mirrors(home: Home, source: str) -> Iterator[str]:
    if source:
        yield source
    yield from (above.url.rstrip("/") for above in above_us(home))


def _open_own(home: Home, origin: str, raw: bytes) -> RootDocument:
    """Document 1 of this hub; Refused `restore.not-ours` where nothing says that it is."""
    own = fingerprint(parse_note(raw).text)
    document = open_first(raw, fingerprint=own, origin=origin, allow_loopback_http=True)
    if own != _named_by_the_second(home) and not _publics(home) & {*document.purposes}:
        raise Refused("restore.not-ours", where=root_path(1))
    return document


def _named_by_the_second(home: Home) -> str | None:
    """What document 2, as it lies here, says of the first: its hash, if it can be read."""
    try:
        second = parse_note(own_roots(home).read(root_path(2)) or b"")
        return read_root_text(second.text, allow_loopback_http=True).prev
    except Refused:
        return None


def _publics(home: Home) -> set[bytes]:
    """The public keys of which the seed is here."""
    seeds = (file for file in home.keys.glob(f"*{SUFFIX}") if file.exists())
    return {SigningKey.from_seed(load_seed(file)).public for file in seeds}
