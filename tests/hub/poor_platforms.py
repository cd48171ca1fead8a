"""The national platform as a gateway may find it: cut off before its answer, or too talkative."""

import html

from fenhe_hub.upstream.seam import Delivery, Reply


class Torn:
    """A platform that takes the record, and then our process dies."""

    async def deliver(self, delivery: Delivery) -> Reply:
        raise KeyboardInterrupt

    async def close(self) -> None: ...


class Talkative:
    """A platform that quotes what it does not like, as people do."""

    async def deliver(self, delivery: Delivery) -> Reply:
        return Reply(202, f"<fault>不收：{html.escape(delivery.payload)}</fault>")

    async def close(self) -> None: ...
