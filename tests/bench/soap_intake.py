"""A thousand records of each type by zeep and by PHP's SoapClient, to a node that serves.

`make intake`, about two minutes: `fenhe-node serve` as a process of its own, signed in to, one
record a call as the systems send them. Says every code that was answered, what it cost the node's
processor, and counts what then stands in its store.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.demo.ports import free_port
from fenhe_node.store import Store, calls, records
from fenhe_protocol.terminal import table
from tests.bench.machine import describe
from tests.node.homes import new_node
from tests.node.instru_calls import PASSWORD, TYPES, USER, Zeep, php_says, said, with_code

RECORDS = 1000
CLIENTS = ("zeep", "php")


def main() -> int:
    """Measure and print; 1 if any answer was not 100 or anything is missing."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    print(describe())
    with tempfile.TemporaryDirectory(prefix="fenhe-") as folder:
        home = Path(folder) / "node"
        with_code(new_node(home).home.store)
        rows, wrong = _reported(home, count)
        print(
            table([("系统 client", "类型 type", "条 records", "答复 codes", "ms/条 each"), *rows])
        )
        kept = _kept(home)
    print(f"库中 in the store: {json.dumps(kept, ensure_ascii=False)}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"节点和 PHP 所用处理器时间 of node and PHP: {used.ru_utime + used.ru_stime:.1f} s")
    return int(wrong)


def _reported(home: Path, count: int) -> tuple[list[tuple[object, ...]], bool]:
    rows: list[tuple[object, ...]] = []
    wrong = False
    with _serving(home) as address:
        for client in CLIENTS:
            for instru_type in TYPES:
                what = [_numbered(client, instru_type, n) for n in range(1, count + 1)]
                began = time.perf_counter()
                codes = Counter(_say(client, address, instru_type, what))
                each = (time.perf_counter() - began) * 1000 / count
                wrong |= codes != {100: count}
                rows.append((client, instru_type, count, dict(codes), f"{each:.1f}"))
    return rows, wrong


def _numbered(client: str, instru_type: int, number: int) -> dict[str, Any]:
    """Records of both systems stand apart by their numbers."""
    record = said(instru_type, number)
    for name in ("innerId", "recordInnerId"):
        if name in record:
            record[name] = f"{client}-{number}"
    return record


def _say(client: str, address: str, instru_type: int, what: list[dict[str, Any]]) -> list[int]:
    if client == "php":
        each = [(instru_type, record) for record in what]
        return asyncio.run(php_says(address, each, user=USER))
    with Zeep(address, user=USER) as system:
        return [system.say(instru_type, record) for record in what]


@contextmanager
def _serving(home: Path) -> Iterator[str]:
    secret = home / "soap-password"
    secret.touch(0o600)
    secret.write_text(PASSWORD, "utf-8")
    port, public = free_port(), free_port()
    _set(
        home / "config.yaml",
        {"listen": f"127.0.0.1:{port}", "user": USER, "password_file": secret.name},
    )
    command = [sys.executable, "-m", "fenhe_node", "--home", str(home), "serve"]
    command += ["--listen", f"127.0.0.1:{public}", "--console", ""]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as node:
        address = f"http://127.0.0.1:{port}/WS_Server/cxf/instru"
        try:
            _wait(f"{address}?wsdl")
            yield address
        finally:
            node.terminate()


def _set(file: Path, settings: dict[str, str]) -> None:
    """Fill in the intake's settings, which stand empty in a new file."""
    before, head, rest = file.read_text("utf-8").partition("\nsoap_intake:\n")
    for key, value in settings.items():
        rest = rest.replace(f'  {key}: ""\n', f"  {key}: {json.dumps(value)}\n", 1)
    file.write_text(before + head + rest, "utf-8")


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(address)


def _kept(home: Path) -> dict[str, object]:
    with Store.open(home / "store.sqlite") as store:
        kinds = Counter(record.kind for record in records.every(store))
        customs = sum(
            1 for each in records.every(store, kind="instrument") if "customs" in each.record
        )
        return {**kinds, "customs": customs, "calls": calls.totals(store)}


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
