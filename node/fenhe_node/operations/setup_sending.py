"""The sending of `setup`: what each side would see, the first publish, the wait for the receipt."""

import argparse
import asyncio
import time
from itertools import groupby
from pathlib import Path

from fenhe_node.delivery import deliver
from fenhe_node.hubs.hub_view import NOT_ENROLLED
from fenhe_node.node import open_node
from fenhe_node.operations.options import now, progress, wait
from fenhe_node.operations.publish import told
from fenhe_node.operations.questions import Asker, Left
from fenhe_node.operations.records import preview_lines
from fenhe_node.operations.setup_heading import say_heading
from fenhe_node.preview import preview
from fenhe_node.release import release
from fenhe_node.setup.facts import Facts
from fenhe_node.setup.looking import look
from fenhe_node.setup.steps import State, steps
from fenhe_node.store import Store
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.terminal import grouped

SECONDS_BETWEEN = 3
_NOT_YET = ("push.unenrolled", NOT_ENROLLED)
A_WHILE = 600  # seconds that a person is willing to look on


def send(options: argparse.Namespace, asker: Asker) -> None:
    """Publish what waits, if the person agrees, and wait for the receipt."""
    facts = look(options.home, now())
    if not facts.records:
        raise Left
    if facts.pending:
        _publish(options, asker)
    facts = look(options.home, now())
    if facts.published and not facts.has_receipts:
        _receive(options, asker, facts)


def _publish(options: argparse.Namespace, asker: Asker) -> None:
    say_heading(asker, "publish", options.home)
    _show(options.home, asker)
    if not options.publish and not asker.agrees("签名发布? sign and publish"):
        raise Left
    node = open_node(options.home)
    report = told(node, asyncio.run(release(node, now, wait, progress, patient=asker.asks)))
    # That the hub does not know the unit yet is no failure here: the next step is about that.
    lines = report.text.splitlines()
    asker.say("\n".join(line for line in lines if not any(each in line for each in _NOT_YET)))


def _show(home: Path, asker: Asker) -> None:
    """One record of each kind, as every side would see it."""
    with Store.open(open_node(home).home.store) as store:
        shown = preview(store, schemas=SchemaSet.load())
    for _, kind in groupby(shown, key=lambda each: each.kind):
        asker.say("\n".join(preview_lines(next(kind))))
    asker.say(f"共 {len(shown)} 条, 每种示一条; 全部: fenhe-node preview. One of each kind")


def _receive(options: argparse.Namespace, asker: Asker, facts: Facts) -> None:
    (step,) = (each for each in steps(facts) if each.name == "receipt")
    if step.state is not State.NEXT:
        return
    say_heading(asker, "receipt", options.home)
    asker.say("\n".join(f"{text.zh}; {text.en}" for text in step.missing))
    asker.say(f"  {open_node(options.home).home.public / 'root' / '1'}\n  {facts.origin}")
    asker.say(f"  {grouped(facts.fingerprint)}")
    seconds = options.wait or (A_WHILE if asker.asks else 0)
    if seconds:
        asker.say(f"等回执, 最多 {seconds} 秒; Ctrl-C 离开, 以后再运行 setup. Waiting")
    try:
        _wait(options.home, seconds)
    except KeyboardInterrupt:
        asker.say("")


def _wait(home: Path, seconds: int) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not look(home, now()).has_receipts:
        asyncio.run(deliver(open_node(home), {}, now, progress, wait=False))
        if not look(home, now()).has_receipts:
            time.sleep(SECONDS_BETWEEN)
