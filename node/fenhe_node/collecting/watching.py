"""One look at a watched folder: what lies still is imported, one file after the other.

Start at `collect_folder`.
"""

import asyncio

from fenhe_node.collecting import verdicts
from fenhe_node.collecting.folder import Watch
from fenhe_node.collecting.laid_down import take_file
from fenhe_node.collecting.verdicts import Collected, Now, Verdict
from fenhe_node.importing.file import ImportReport
from fenhe_node.node import Node
from fenhe_node.settings.sources import SourceSettings
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError, SetupError, StoreError


def watch_of(node: Node, settings: SourceSettings) -> Watch:
    """A watch that has not looked yet."""
    return Watch(node.home.path / settings.place, settings.still_seconds)


async def collect_folder(
    node: Node, settings: SourceSettings, now: Now, watch: Watch, *, by: str = ""
) -> Collected:
    """Import what lies still in a folder; a look that found nothing is no run worth keeping.

    A `watch` that has not looked before waits for as long as a file has to lie still.
    """
    began = now()
    if not watch.has_looked:
        watch.ready(began)
        await asyncio.sleep(settings.still_seconds)
    reports, failures = await _take_all(node, settings, now, watch, by)
    said = "\n".join(map(str, failures))
    code = failures[0].code if failures else ""
    numbers = tuple(report.number for report in reports)
    verdict = Verdict(settings.name, began, now(), numbers, code, said)
    if reports or failures:
        await asyncio.to_thread(_keep_news, node, verdict)
    return Collected(tuple(reports), tuple(failures), verdict)


async def _take_all(
    node: Node, settings: SourceSettings, now: Now, watch: Watch, by: str
) -> tuple[list[ImportReport], list[FenheError]]:
    reports: list[ImportReport] = []
    failures: list[FenheError] = []
    mapping = node.home.path / settings.mapping if settings.mapping else None
    for path in await asyncio.to_thread(watch.ready, now()):
        watch.taken(path)
        try:
            done = await asyncio.to_thread(
                take_file, node, path, mapping, now(), by or f"source {settings.name}"
            )
        except FenheError as error:  # it was imported, and cannot be put away: not again
            failures.append(error)
            continue
        if isinstance(done, tuple):
            reports += done
        elif done is not None:
            failures.append(done)
        if done is None or isinstance(done, SetupError | StoreError):
            watch.again(path)
    return reports, failures


def _keep_news(node: Node, verdict: Verdict) -> None:
    """Keep what a folder's run came to, but not the same failure every half minute."""
    with Store.open(node.home.store) as store:
        before = verdicts.last(store, verdict.source)
        if verdict.imports or before is None or before.failed != verdict.failed:
            verdicts.keep(store, verdict)
