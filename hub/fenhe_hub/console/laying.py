"""What the office decided of findings: shown at once, and never of what is classified."""

from fenhe_hub.console.asking import Asked
from fenhe_hub.index.classified import Identity, classified_records
from fenhe_hub.judging.overlays import lay_today


def show_at_once(asked: Asked) -> None:
    """Let pages show today's exemptions and objections; nothing before the hub's first round."""
    hub = asked.console.hub
    if hub.home.index.exists():
        lay_today(hub, asked.now)


def classified_now(asked: Asked) -> frozenset[Identity]:
    """What appears nowhere, not even as exempt."""
    if not asked.console.hub.home.index.exists():
        return frozenset()
    with asked.console.index() as db:
        return classified_records(db)
