"""What a serving node does by itself: show life, publish, sweep, look for new keys of its hubs.

`jobs` decides when. Whatever writes runs in a thread and takes the home's lock like any command.
"""

import asyncio
import logging
import threading

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import last_result
from fenhe_client.fetching.fetch import Web
from fenhe_client.sheets import kept
from fenhe_node.backing_up.making import back_up_as_set
from fenhe_node.collecting.jobs import source_jobs
from fenhe_node.erasing.retention import expire
from fenhe_node.hubs.fed_watch import fed_heads
from fenhe_node.hubs.gateway_trust import refresh_gateway
from fenhe_node.hubs.guard import refuse_if_behind
from fenhe_node.hubs.looking import look, receipts_are_whole, standing_alarms
from fenhe_node.hubs.push import push_hubs
from fenhe_node.hubs.trust import refresh
from fenhe_node.jobs import Job, at_times, every
from fenhe_node.mailing import send_due
from fenhe_node.node import Node
from fenhe_node.orders.forgetting import forget
from fenhe_node.publishing.heads import current_logs
from fenhe_node.publishing.publish import Pen, publish, show_life
from fenhe_node.receipts.witnessing import Witnesses
from fenhe_node.self_check.check import check_files
from fenhe_node.signs_of_life import heartbeat_due
from fenhe_protocol.schema import SchemaSet

log = logging.getLogger("fenhe.node")

LOOK_SECONDS = 60
RELOOK_SECONDS = 600  # where every receipt is there, and still `fed` goes on
RETRY_SECONDS = 300  # between two pushes to hubs of which one did not take it
HOUR = 3600
DAY = 86_400


def chores(node: Node, pen: Pen) -> list[Job]:
    """All periodic jobs of this node."""
    work = Chores(node, pen)
    jobs = [
        Job("heartbeat", every(LOOK_SECONDS), work.show_life),
        Job("sweep", every(HOUR), work.sweep),
        Job("trust", every(DAY), work.look_for_keys),
        Job("receipts", every(LOOK_SECONDS), work.look_at_hubs),
        Job("check-files", every(HOUR), work.check_files, at_first=False),
    ]
    if node.config.push != "never":
        jobs.append(Job("push", every(LOOK_SECONDS), work.push))
    if node.config.witnesses:
        jobs.append(Job("witness", every(LOOK_SECONDS), work.ask_witnesses))
    if node.config.publish_at:
        times = at_times(node.config.publish_at, node.config.utc_offset_minutes)
        jobs.append(Job("publish", times, work.publish, at_first=False))
    jobs.append(Job("requests", every(DAY), work.forget_requests))
    if node.config.mail.sends:
        jobs.append(Job("mail", every(LOOK_SECONDS), work.send_mail))
    if node.config.backup.to:
        times = at_times(node.config.backup.at, node.config.utc_offset_minutes, "backup: at")
        jobs.append(Job("backup", times, work.back_up, at_first=False))
    jobs += source_jobs(node, pen.now)
    if node.config.retention_years:
        jobs.append(Job("retention", every(DAY), work.expire))
    return jobs


class Chores:
    """The work of each job."""

    def __init__(self, node: Node, pen: Pen) -> None:
        self._node, self._pen = node, pen
        self._looked_at = self._due = self._asked_at = 0
        self._alarmed: set[str] = set()
        self._push_failed_at = -RETRY_SECONDS
        self._rooted_at = -RELOOK_SECONDS
        self._witnesses = Witnesses(node)

    async def show_life(self) -> int:
        """Write a heartbeat if one is due, and answer when the next one is."""
        if self._looked_at <= self._pen.now() < self._due:
            return self._due
        if await self._look() > self._pen.now():
            return self._due
        writer = self._pen.writer(current_logs(self._node.home)[0])
        if seconds := writer.seconds_until_allowed(self._pen.now()):
            # Something was just published; the next look is soon enough, and nobody waits for us.
            return self._pen.now() + seconds
        await look(self._node, self._pen.now)
        heads = await asyncio.to_thread(fed_heads, self._node.home)
        await refuse_if_behind(self._node, self._pen.now)
        await asyncio.to_thread(show_life, self._pen, heads)
        return await self._look()

    async def _look(self) -> int:
        self._looked_at = self._pen.now()
        self._due = await asyncio.to_thread(heartbeat_due, self._node, self._looked_at)
        return self._due

    async def publish(self) -> None:
        """Publish what has changed."""
        await refuse_if_behind(self._node, self._pen.now)
        done = await asyncio.to_thread(publish, self._pen, SchemaSet.load())
        log.info("published %d, refused %d", sum(done.leaves.values()), len(done.refused))
        for refusal in done.refused:
            log.warning("refused: %s", refusal.line())
        await self.ask_witnesses()
        await self.push()

    async def push(self) -> int | None:
        """Tell the hubs what is new, and send it to those that do not come for it."""
        now = self._pen.now()
        if self._push_failed_at <= now < self._push_failed_at + RETRY_SECONDS:
            return self._push_failed_at + RETRY_SECONDS
        done = await push_hubs(self._node, self._pen.now, self._pen.progress)
        for each in done:
            if each.error is not None:
                log.warning("push %s %s: %s", each.hub, each.log, each.error)
                self._push_failed_at = now
            elif each.report is not None:
                log.info("%s %s %s %d", each.step.name.lower(), each.hub, each.log, each.size)
        if any(each.receipt is not None for each in done):
            self._asked_at = 0  # the receipt is to be seen in the mirror and in `fed`, and soon
        return None

    async def ask_witnesses(self) -> None:
        """Show witnesses what was signed; one that is away costs nothing but its line."""
        for error in await self._witnesses.ask(self._pen.now):
            log.warning("witness: %s", error)

    async def expire(self) -> None:
        """Erase what is older than the unit's rule allows."""
        await refuse_if_behind(self._node, self._pen.now)
        years = self._node.config.retention_years
        count = await asyncio.to_thread(expire, self._pen, SchemaSet.load(), years)
        if count:
            log.info("erased %d records that were kept long enough", count)

    async def forget_requests(self) -> None:
        """Delete service requests that were closed long enough ago."""
        days = self._node.config.orders.keep_days
        if count := await asyncio.to_thread(forget, self._node.home.store, days, self._pen.now()):
            log.info("deleted %d service requests that were kept long enough", count)

    async def send_mail(self) -> None:
        """Send the letters that are due; what cannot be sent is told on the console."""
        mail = self._node.config.mail
        await asyncio.to_thread(send_due, self._node.home, mail, self._pen.now())

    async def back_up(self) -> None:
        """Copy the home to where the settings say, and read the copy again."""
        await asyncio.to_thread(back_up_as_set, self._node, self._pen.now)

    async def sweep(self) -> None:
        """Take away partial tiles that a full one has replaced, and lists given long ago."""
        for name in current_logs(self._node.home):
            await asyncio.to_thread(self._pen.sweep, name)
        await asyncio.to_thread(kept.sweep, self._node.home, self._pen.now())

    async def check_files(self) -> None:
        """Once a day, read every file again with long rests, and heal what is damaged.

        It is looked at every hour: a node that is started anew each night is checked too.
        """
        stop = threading.Event()
        if self._pen.now() < last_result(self._node.home.path).at + DAY:
            return
        try:
            checked = await check_files(
                self._node.home, self._node.config, self._pen.now, Pace(stop)
            )
        finally:
            stop.set()  # a thread that still reads ends with the server
        for each in checked.findings:
            log.log(logging.WARNING if each.healed_by else logging.ERROR, "%s", each.line)

    async def look_at_hubs(self) -> int | None:
        """Fetch receipts while any is due, else follow `fed` now and then; alarm in the log."""
        now = self._pen.now()
        if self._asked_at <= now < self._asked_at + RELOOK_SECONDS and await asyncio.to_thread(
            receipts_are_whole, self._node
        ):
            return self._asked_at + RELOOK_SECONDS
        self._asked_at = now
        await look(self._node, self._pen.now)
        found = await asyncio.to_thread(standing_alarms, self._node.home, self._pen.now())
        told = {str(alarm.error): alarm for alarm in found}
        for text in told.keys() - self._alarmed:
            log.error("alarm: %s", text)
        for text in self._alarmed - told.keys():
            log.info("no longer: %s", text)
        self._alarmed = set(told)
        if found and not self._rooted_at <= now < self._rooted_at + RELOOK_SECONDS:
            self._rooted_at = now
            await self.look_for_keys()  # the hub may speak in another epoch of its log by now
        return None

    async def look_for_keys(self) -> None:
        """Read on in the root documents of the hubs; one that is not reached is no failure here."""
        async with Web() as web:
            for error in await refresh(web, self._node.home, self._pen.now()):
                log.warning("root documents of a hub: %s", error)
            if failed := await refresh_gateway(web, self._node.home):
                log.warning("root documents of the gateway: %s", failed)
