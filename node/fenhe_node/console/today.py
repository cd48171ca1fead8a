"""`/`: what is due today."""

from fenhe_node.console.asking import Answer, Asked, Page, Routes


def show(asked: Asked) -> Answer:
    """The first page."""
    return Page("console/today.html")


ROUTES: Routes = (("GET", "/", show),)
