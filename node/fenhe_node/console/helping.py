"""`/help`: what to do when, in the words of whoever does it; and everything examined."""

from fenhe_node.console.asking import Answer, Asked, Page, Routes
from fenhe_node.doctoring.asking import gather
from fenhe_node.doctoring.checks import examine
from fenhe_node.doctoring.finding import MARKS, State


def show(asked: Asked) -> Answer:
    """One page."""
    console = asked.console
    context = {"home": str(console.home.path), "hub": console.node.config.hub}
    return Page("console/help.html", context)


async def examine_all(asked: Asked) -> Answer:
    """What is wrong with this node, the worst first, and what to do about each thing."""
    console = asked.console
    findings = examine(await gather(console.home, console.now))
    findings.sort(key=lambda finding: -finding.state)
    context = {"findings": findings, "marks": MARKS, "states": State}
    return Page("console/doctor.html", context)


ROUTES: Routes = (("GET", "/help", show), ("GET", "/help/doctor", examine_all))
