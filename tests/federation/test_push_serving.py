"""A unit's server that listens nowhere: its jobs push, and take the receipt home."""

from pathlib import Path

import pytest

from tests.federation.province import Province, province_in
from tests.federation.push_house import NAME, found_pusher, mirrored, sign
from tests.node.homes import instrument, service
from tests.patience import until

LISTENING = "0A"  # as /proc/net/tcp writes the state


def listening_sockets(pid: int) -> set[str]:
    """The inodes of this process's TCP sockets that listen."""
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text("ascii").splitlines()[1:]
    ]
    listening = {row[9] for row in rows if row[3] == LISTENING}
    own = (str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir())
    return {name[8:-1] for name in own if name.startswith("socket:[")} & listening


def without_receipt(province: Province) -> int:
    [held] = province.node(NAME, "status", "--offline")["receipts"]
    return int(held["without"])


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")
def test_a_server_without_a_listener_pushes_by_itself(tmp_path: Path) -> None:
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        node = found_pusher(province)
        sign(node, [instrument("A-1"), service("S-1")], minutes_ago=20)
        home = str(province.home(NAME))
        command = ("--home", home, "serve", "--console", "")
        province.programs.serve(NAME, "fenhe-node", *command)
        server = province.programs.servers[-1]
        until(lambda: without_receipt(province) == 0)
        assert mirrored(province) == {"catalogue": (3, 3), "usage": (1, 1)}
        assert server.poll() is None and listening_sockets(server.pid) == set()
        assert province.node(NAME, "status")["served"]
