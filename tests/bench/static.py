"""Files as node and hub serve them, beside nginx and the same folders; the same client asks all.

What is measured is the processor time of who answers: on one machine client and server share the
cores, and the client would be what is measured. Connections are kept open, eight at once.
`python -m tests.bench.static FOLDER` measures one round by itself.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.ports import free_port
from fenhe_hub.desk.enrolling import publish_registration
from fenhe_hub.operations.setup import init_hub
from fenhe_node.publishing.publish import publish
from fenhe_protocol.schema import SchemaSet
from tests.bench.usage import NOW
from tests.node.homes import Clock, instrument, new_node, pen, put

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
REQUESTS = 10_000
_AT_ONCE = 8
_RECORDS = 300  # a full bundle of entries, and the begin of another
_PAGE = "tile/entries/000"


@dataclass(frozen=True)
class Served:
    """Answers a second of the server's processor time: its own way, and nginx from its folder."""

    own: float
    nginx: float


StaticFigures = dict[str, Served]
"""What is asked → how fast."""


def rounds(folder: Path, count: int) -> Iterator[StaticFigures]:
    """Measure `count` rounds; in each the servers take turns. NGINX must be there."""
    node, hub = _node(folder / "static-node"), _hub(folder / "static-hub")
    for _ in range(count):
        yield {
            "checkpoint of a node": _beside(node, "fenhe_node", "fenhe/catalogue/checkpoint"),
            "page of a node": _beside(node, "fenhe_node", f"fenhe/catalogue/{_PAGE}"),
            "checkpoint of a hub": _beside(hub, "fenhe_hub", "fed/checkpoint"),
            "page of a hub": _beside(hub, "fenhe_hub", f"fed/{_first(hub)}"),
        }


def _node(folder: Path) -> Path:
    node = new_node(folder)
    put(node, [instrument(f"A-{number:05}") for number in range(_RECORDS)])
    publish(pen(node, Clock()), SchemaSet.load())
    return folder


def _hub(folder: Path) -> Path:
    url = "http://127.0.0.1:1"
    hub = init_hub(folder, "hub.example/fenhe", url, "12140000000000027P", now=NOW)
    publish_registration(hub, now=NOW + 20)
    return folder


def _first(hub: Path) -> str:
    """The one bundle of entries that so young a hub has: a partial one, immutable all the same."""
    found = next((hub / "public/fed/tile/entries/000.p").iterdir())
    return f"{_PAGE}.p/{found.name}"


def _beside(home: Path, program: str, path: str) -> Served:
    with _serving(home, program) as (server, port):
        own = measure(server, port, path)
    with nginx(home / "public", home / "nginx") as (server, port):
        beside = measure(server, port, path.removeprefix("fenhe/"))
    return Served(own, beside)


@contextmanager
def _serving(home: Path, program: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    command = [sys.executable, "-m", program, "--home", str(home), "serve"]
    with _started([*command, "--listen", f"127.0.0.1:{port}"], port) as pid:
        yield pid, port


@contextmanager
def nginx(root: Path, prefix: Path) -> Iterator[tuple[int, int]]:
    """A real nginx that serves the files below `root`: its process and port. NGINX must be there.

    What it writes itself lies in `prefix`.
    """
    port = free_port()
    prefix.mkdir(exist_ok=True)
    temporary = "".join(
        f"{each}_temp_path {prefix}/{each};"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = prefix / "nginx.conf"
    config.write_text(
        f"daemon off; worker_processes 1; pid {prefix}/pid; error_log stderr crit;\n"
        "user root; events { worker_connections 64; }\n"
        f"http {{ include /etc/nginx/mime.types; {temporary}\n"
        "access_log off; sendfile on; keepalive_requests 1000000;\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    with _started([str(NGINX), "-p", str(prefix), "-c", str(config)], port) as pid:
        yield pid, port


@contextmanager
def _started(command: list[str], port: int) -> Iterator[int]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _until_open(port)
            yield process.pid
        finally:
            process.terminate()


def _until_open(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def measure(server: int, port: int, path: str) -> float:
    """Answers a second of processor time of a server and its children."""
    asyncio.run(_ask(port, path, _AT_ONCE))  # what is done once is done
    before = _processor_seconds(server)
    asyncio.run(_ask(port, path, REQUESTS))
    return REQUESTS / (_processor_seconds(server) - before)


async def _ask(port: int, path: str, requests: int) -> None:
    each = requests // _AT_ONCE
    await asyncio.gather(*(_ask_in_turn(port, path, each) for _ in range(_AT_ONCE)))


async def _ask_in_turn(port: int, path: str, requests: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    for _ in range(requests):
        writer.write(asked)
        status, *fields = (await reader.readuntil(b"\r\n\r\n")).lower().splitlines()
        if b" 200 " not in status:
            raise RuntimeError(f"{path}: {status!r}")
        length = next(field for field in fields if field.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()


def _processor_seconds(pid: int) -> float:
    """Of a process with its threads and children, since they began."""
    spent = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        spent += int((task / "schedstat").read_text().split()[0]) / 1e9
        for child in (task / "children").read_text().split():
            spent += _processor_seconds(int(child))
    return spent


if __name__ == "__main__":
    with ExitStack() as held:
        start = time.perf_counter()
        for figures in rounds(Path(sys.argv[1]), 1):
            for what, served in figures.items():
                print(f"{what}: {served.own:,.0f} nginx {served.nginx:,.0f}")
        print(f"{time.perf_counter() - start:.0f} s")
