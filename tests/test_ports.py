import socket
from pathlib import Path

from deploy.demo.ports import free_port


def test_no_two_are_the_same_and_the_system_gives_none_of_them_out() -> None:
    found = [free_port() for _ in range(200)]
    assert len(set(found)) == 200
    system = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if system.exists():
        assert max(found) < int(system.read_text("ascii").split()[0])


def test_a_server_can_be_started_there_twice() -> None:
    port = free_port()
    for _ in range(2):
        with socket.create_server(("127.0.0.1", port)):
            pass
