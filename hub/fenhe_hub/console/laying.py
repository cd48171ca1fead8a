"""What the office decided of findings, shown at once and not only after the next check."""

from fenhe_hub.console.asking import Asked
from fenhe_hub.judging.overlays import lay_today


def show_at_once(asked: Asked) -> None:
    """Let pages show today's exemptions and objections; nothing before the hub's first round."""
    hub = asked.console.hub
    if hub.home.index.exists():
        lay_today(hub, asked.now)
