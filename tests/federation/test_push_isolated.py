"""A unit in a network namespace that nothing can enter, with one way out to its hub."""

import socket
import subprocess
import sys
from pathlib import Path

from deploy.demo.outbound import Outlet, inside, why_not
from tests.federation.province import province_in
from tests.federation.push_house import NAME, found_pusher, mirrored, stage
from tests.node.homes import instrument, service
from tests.wanting import wanting

CONNECT = "import socket; print(socket.create_connection(('127.0.0.1', {port}), 5))"


def test_a_unit_that_nothing_can_reach_pushes_out_of_its_namespace(tmp_path: Path) -> None:
    if reason := why_not():
        wanting("namespace", f"no network namespace here: {reason}")
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        found_pusher(province)
        stage(province, [instrument("A-1"), service("S-1")])
        port = int(province.url("hub").rpartition(":")[2])
        with Outlet(port) as outlet:
            apart = inside(outlet.way, port)
            home = str(province.home(NAME))
            command = ("fenhe-node", "--home", home, "publish", "--no-wait")
            pushed = province.programs.answer(*command, before=apart)["pushed"]
            with socket.create_server(("127.0.0.1", 0)) as elsewhere:
                connect = CONNECT.format(port=elsewhere.getsockname()[1])
                other = subprocess.run(
                    [*apart, sys.executable, "-c", connect], capture_output=True, check=False
                )
        assert [each["receipt"] is not None for each in pushed] == [True, True]
        assert mirrored(province) == {"catalogue": (3, 3), "usage": (1, 1)}
        assert b"ConnectionRefusedError" in other.stderr  # the rest of this machine is not there
