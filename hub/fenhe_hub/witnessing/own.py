"""The hub's own witness, if its operator made one: found, and its units looked at again.

Its name is `<hub origin>/w`. It is of use to others: for what this hub mirrors itself, a witness
that somebody else runs is needed.
"""

import asyncio
import logging

from fenhe_client.fetching.fetch import Web
from fenhe_client.witness.home import WitnessHome, is_home, open_home
from fenhe_client.witness.units import look_again
from fenhe_hub.hub import Hub
from fenhe_protocol.errors import SetupError

_LOGGER = logging.getLogger("fenhe_hub.witness")


def own_witness(hub: Hub) -> WitnessHome | None:
    """The witness in the hub's home; SetupError where it has another name than `<origin>/w`."""
    if not is_home(hub.home.own_witness):
        return None
    home, name = open_home(hub.home.own_witness), f"{hub.origin}/w"
    if home.name != name:
        raise SetupError(
            "setup.value", where=str(hub.home.own_witness), expected=name, found=home.name
        )
    return home


def look_at_units(hub: Hub) -> int:
    """Read on the root documents of the units that it watches; how many gave trouble."""
    home = own_witness(hub)
    return asyncio.run(_look(home)) if home else 0


async def _look(home: WitnessHome) -> int:
    async with Web() as web:
        problems = await look_again(home, web)
    for problem in problems:
        _LOGGER.warning("%s", problem)
    return len(problems)
