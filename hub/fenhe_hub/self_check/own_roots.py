"""The hub's own root documents, mended before the hub is opened: without them it is nobody.

Whoever mirrors this hub has them: hubs above, and one that the operator names. Which first document
is ours `OwnFirst` says. Where no root key is here to say it, whoever the operator names is believed
and no hub above. Start at `mend_own_roots`.
"""

from functools import partial

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.result import Finding, findings_of
from fenhe_client.checking.roots_check import OwnFirst, damaged_roots, mend_roots
from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_hub.config import load_config
from fenhe_hub.home import Home
from fenhe_hub.hub import own_roots
from fenhe_hub.registry.above import above_us
from fenhe_protocol.origin import origin_hash

LOST = (
    "fenhe-hub check-files --from URL (镜像本平台的另一个平台), 或从备份放回; "
    "from a hub that mirrors this one, or put it back from a backup"
)


async def mend_own_roots(home: Home, source: str = "") -> list[Finding]:
    """Mend the chain if it is damaged; `source` is the address of a hub that mirrors this one."""
    origin, files = load_config(home.config_file).origin, own_roots(home)
    first = OwnFirst(origin, files, home.keys)
    if not damaged_roots(files, first):
        return []
    mends = []
    async with Web() as web:

        def copy(url: str) -> Copy:
            base = f"{url}/m/{origin_hash(origin)}"
            return Copy(url, partial(web.open, base, reach=PRIVATE_TOO))

        if source:
            named = OwnFirst(origin, files, home.keys, named=True)
            mends = await mend_roots(files, named, [copy(source)])
        if not source or not all(each.healed_by for each in mends):
            others = [copy(above.url.rstrip("/")) for above in above_us(home)]
            mends = [
                *(each for each in mends if each.healed_by),
                *await mend_roots(files, first, others),
            ]
    return findings_of(origin, mends, LOST)
