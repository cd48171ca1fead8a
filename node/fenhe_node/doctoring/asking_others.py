"""Whoever else is asked: clocks of hubs and witnesses, our own address, the mail server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientTimeout

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web, required
from fenhe_client.mailing.smtp import posting
from fenhe_node.doctoring.facts import OTHER, Address, ClockSeen, MailSeen
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs
from fenhe_node.store import Store, mails
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import FenheError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import log_origin

Clock = Callable[[], int]
PATIENCE_SECONDS = 10


async def ask_clocks(node: Node, now: Clock) -> list[ClockSeen]:
    """What time it is by each hub and witness that answers (`Date`, a second's precision)."""
    others = [(hub.origin, f"{hub.url}/root/1") for hub, _ in trusted(node.home)]
    others += [(each.verifier.name, each.url) for each in node.config.witnesses]
    async with Web() as web:
        return [seen async for seen in _dates(web, others, now)]


async def _dates(web: Web, others: list[tuple[str, str]], now: Clock) -> AsyncIterator[ClockSeen]:
    session = web.session(PRIVATE_TOO)
    patience = ClientTimeout(total=PATIENCE_SECONDS)
    for who, url in others:
        try:
            async with session.get(url, allow_redirects=False, timeout=patience) as answer:
                theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
            yield ClockSeen(who, int(theirs.timestamp()), now())
        except (ClientError, TimeoutError, OSError, ValueError):
            continue  # that it does not answer the line on the hub says


async def ask_address(node: Node) -> Address:
    """Whether our public address leads to us, as seen from here, and what its certificate says."""
    url = node.config.address
    if not node.config.listen:
        return Address(url, listens=False)
    until, wrong = await _certificate(url) if url.startswith("https:") else (None, "")
    trouble, found = await _own_checkpoint(node, url)
    return Address(url, True, trouble, found, until, wrong)


async def _own_checkpoint(node: Node, url: str) -> tuple[str, str]:
    catalogue = current_logs(node.home)[0]
    try:
        async with Web() as web:
            fetcher = web.open(url, reach=PRIVATE_TOO)
            raw = await required(fetcher, f"{catalogue}/checkpoint", limit=DEFAULTS.note_bytes)
        shown = parse_checkpoint(parse_note(raw).text).origin
    except FenheError as error:
        return (
            OTHER if error.code.startswith(("note.", "checkpoint.")) else error.code
        ), error.found
    ours = log_origin(node.root.origin, catalogue)
    return ("", "") if shown == ours else (OTHER, shown)


async def _certificate(url: str) -> tuple[int | None, str]:
    """(end in POSIX seconds, "") or (None, what is wrong with it)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            context = ssl.create_default_context()
            _, writer = await asyncio.open_connection(host, parts.port or 443, ssl=context)
    except ssl.SSLCertVerificationError as error:
        return None, error.verify_message
    except (OSError, TimeoutError):
        return None, ""  # no connection: told elsewhere
    try:
        shown = writer.get_extra_info("peercert")
        return int(ssl.cert_time_to_seconds(shown["notAfter"])), ""
    finally:
        writer.close()


def ask_mail(node: Node) -> MailSeen | None:
    """Whether the mail server takes us; None where no mail is set up."""
    settings = node.config.mail
    if not settings.sends:
        return None
    with Store.open(node.home.store) as store:
        troubled = mails.troubled(store)
    failed = sum(1 for each in troubled if each.state == "failed")
    waiting = len(troubled) - failed
    try:
        with posting(settings, node.home.path):
            return MailSeen(settings.host, "", waiting, failed)
    except FenheError as error:
        return MailSeen(settings.host, str(error), waiting, failed)
