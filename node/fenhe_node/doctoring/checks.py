"""Every check, in the order in which a person reads them. Start at `examine`. Pure."""

from collections.abc import Callable, Iterator

from fenhe_node.doctoring import here, outside
from fenhe_node.doctoring.facts import Facts
from fenhe_node.doctoring.finding import Finding

CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    *(here.opening, outside.clock, here.disk, here.keys, here.schedule, here.files, here.backup),
    *(outside.proxy, outside.reachable, outside.certificate, outside.hub_out, outside.hub_in),
    *(outside.mirror, outside.mail, here.versions),
)


def examine(facts: Facts) -> list[Finding]:
    """Judge every subject."""
    return [finding for check in CHECKS for finding in check(facts)]
