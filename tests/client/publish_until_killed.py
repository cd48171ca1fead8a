"""Publishes batch after batch into the home given, and prints each head, until it is killed."""

from pathlib import Path

from tests.client.written_log import KEY, NOW, log_in, records


def main(home: Path) -> None:
    """Never returns."""
    log = log_in(home)
    while True:
        size = log.writer.recover(key=KEY, now=NOW).size
        head = log.writer.publish(records(size, 70), key=KEY, now=NOW)
        print(head.size, head.root.hex(), flush=True)
