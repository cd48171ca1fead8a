"""What every handler works with: the opened hub, a clock, and who may sign requests."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from fenhe_hub.hub import Hub
from fenhe_hub.pulse import Pulse
from fenhe_hub.push.doorbell import Doorbell
from fenhe_hub.push.reception import Reception
from fenhe_hub.web.doormen import Doormen
from fenhe_hub.web.places import Places


def system_clock() -> int:
    """POSIX seconds."""
    return int(time.time())


@dataclass
class Serving:
    """One running server; everything in it is read-only but the nonces and what is counted."""

    hub: Hub
    now: Callable[[], int] = system_clock
    pulse: Pulse = field(default_factory=Pulse)
    doorbell: Doorbell = field(default_factory=Doorbell)
    doormen: Doormen = field(init=False)
    places: Places = field(init=False)
    reception: Reception = field(init=False)

    def __post_init__(self) -> None:
        self.doormen = Doormen(self.hub)
        self.places = Places(self.hub)
        self.reception = Reception(self.hub, self.doorbell, self.now)


SERVING = web.AppKey("serving", Serving)
