"""A hub with other settings, for tests."""

from dataclasses import replace
from typing import Any

from fenhe_hub.hub import Hub


def reconfigured(hub: Hub, **settings: Any) -> Hub:
    """The same hub, as if `config.yaml` said this."""
    return replace(hub, config=replace(hub.config, **settings))
