"""`/help`: what to do when, in the words of whoever does it."""

from fenhe_node.console.asking import Answer, Asked, Page, Routes


def show(asked: Asked) -> Answer:
    """One page."""
    console = asked.console
    context = {"home": str(console.home.path), "hub": console.node.config.hub}
    return Page("console/help.html", context)


ROUTES: Routes = (("GET", "/help", show),)
