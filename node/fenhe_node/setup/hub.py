"""The hub before it is trusted: is it there, what is it called, what is to be compared by phone."""

from dataclasses import dataclass

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web, required
from fenhe_client.stored.files import root_path
from fenhe_protocol.errors import FenheError, SetupError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import fingerprint, open_first

_REACH = (
    "核对网址; 看本机能否上网 (curl -I 网址), 防火墙是否放行; "
    "look at the address, the network and the firewall"
)
_NO_HUB = "这是一个单位的节点, 不是省平台: 向省平台要它自己的网址; ask the hub for its own address"


@dataclass(frozen=True, slots=True)
class HubSeen:
    """What a hub says of itself; believed only once somebody has compared the fingerprint."""

    url: str
    origin: str
    fingerprint: str


def hub_address(typed: str) -> str:
    """The address in what a person typed: with a scheme, without a slash at the end."""
    text = typed.strip().rstrip("/")
    if not text:
        raise SetupError("setup.missing", where="--hub", advice="填省平台网址; its address")
    return text if "://" in text else f"https://{text}"


async def reach_hub(url: str) -> HubSeen:
    """Fetch its first root document; the error says what to mend."""
    try:
        async with Web() as web:
            fetcher = web.open(url, reach=PRIVATE_TOO)
            raw = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
        mark = fingerprint(parse_note(raw).text)
        document = open_first(raw, fingerprint=mark, allow_loopback_http=True)
    except FenheError as error:
        error.advice = error.advice or _REACH
        raise
    if document.cosign is None:
        raise SetupError("setup.value", where="--hub", found=document.origin, advice=_NO_HUB)
    return HubSeen(url, document.origin, mark)
