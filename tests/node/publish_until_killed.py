"""Publishes new records of the home given, again and again, until it is killed.

Run as a program by `test_killing`: each record is put into the store once and never changed.
"""

import time
from itertools import count
from pathlib import Path

from fenhe_node.node import open_node
from fenhe_node.publishing.publish import publish
from fenhe_node.store import Store, records
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import instrument, put, service

AT_ONCE = 40


def main(home: Path) -> None:
    node, schemas = open_node(home), SchemaSet.load()
    with Store.open(node.home.store) as store:
        first = records.count(store)
    pen = node.pen(lambda: int(time.time()), lambda seconds: None, lambda what, done, total: None)
    print("ready", flush=True)
    for number in count(first, AT_ONCE):
        names = range(number, number + AT_ONCE)
        put(node, [instrument(f"A-{n}", value_yuan=n) for n in names[::2]])
        put(node, [service(f"S-{n}") for n in names[1::2]])
        publish(pen, schemas)
