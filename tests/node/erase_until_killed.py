"""Publishes records of the home given and erases them, again and again, until it is killed.

Run as a program by `test_killing`. Record n holds the words `secret(n)`, and every second one goes.
"""

import time
from itertools import count
from pathlib import Path

from fenhe_node.erasing.for_good import Wish, erase, finish
from fenhe_node.node import open_node
from fenhe_node.publishing.publish import publish, recover
from fenhe_node.store import Store, records
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import instrument, put

AT_ONCE = 6


def secret(number: int) -> str:
    """The words of one record: in no other."""
    return f"机密第{number}号内容"


def main(home: Path) -> None:
    node, schemas = open_node(home), SchemaSet.load()
    pen = node.pen(lambda: int(time.time()), lambda seconds: None, lambda what, done, total: None)
    recover(pen)
    finish(pen, schemas)
    with Store.open(node.home.store) as store:
        known = [record.id for record in records.every(store, kind="instrument")]
    first = max((int(id_[2:]) for id_ in known), default=-1) + 1
    print("ready", flush=True)
    for number in count(first, AT_ONCE):
        names = range(number, number + AT_ONCE)
        put(node, [instrument(f"A-{n}", function=secret(n)) for n in names])
        publish(pen, schemas)
        gone = tuple(f"A-{n}" for n in names[::2])
        erase(pen, schemas, Wish("law", "instrument", gone))
