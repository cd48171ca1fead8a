"""Who comes by hubs beneath, for those who enrol somebody besides."""

from fenhe_hub.below.view import look
from fenhe_hub.home import Home
from fenhe_hub.read_only import read_only
from fenhe_hub.registry.enrolled import Enrolment, Registry


def beneath_us(home: Home, origin: str) -> dict[str, Enrolment]:
    """All of them by origin, as if they were enrolled here."""
    if not any(unit.is_hub for unit in Registry(home.registry_file)):
        return {}
    with read_only(home.index) as db:
        units = look(home, origin, db).units
    return {name: unit.enrolment for name, unit in units.items()}
