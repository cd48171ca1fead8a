"""Which units an operator must have let be reached inside, once the registry is lost.

That permission stands in no log. An address in use that is no public one was allowed, or it could
not be in use; all others begin without it, as who enrols anew does.
"""

import asyncio

from fenhe_client.fetching.addresses import Standing, parse_web_address, standing_of
from fenhe_protocol.errors import Refused


async def is_inside(url: str) -> bool:
    """Whether nobody could reach this address without that permission, as names lead now."""
    try:
        address = parse_web_address(url)
    except Refused:
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(address.host.strip("[]"), address.port)
    except OSError:
        return False
    return any(standing_of(str(each[4][0])) is Standing.PRIVATE for each in found)
