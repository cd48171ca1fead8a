"""Pushing to a hub as an operator runs it: enrolled by a file, served, told of in `fed`."""

import json
import time
from pathlib import Path

import pytest
from aiohttp import ClientSession

from deploy.demo.ports import free_port
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.hub import open_hub
from fenhe_protocol.origin import origin_hash
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.pusher import Pusher
from tests.hub.test_serve import fenhe_hub, hurry, serving, until


async def founded(home: Path, port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    names = ("--origin", "hub.example/fenhe", "--public-url", address)
    code, _, complaints = await fenhe_hub(home, "init", *names)
    assert code == 0, complaints
    hurry(home)


async def test_a_unit_behind_a_firewall_is_enrolled_pushes_and_stands_in_status(
    tmp_path: Path,
) -> None:
    home, port, node = tmp_path / "hub", free_port(), FakeNode(tmp_path / "u1")
    await founded(home, port)
    root = tmp_path / "root-1"
    root.write_bytes(node.read("root", "root/1"))
    enrol = ("enrol", "--root-file", str(root), "--fingerprint")
    code, out, _ = await fenhe_hub(home, *enrol, node.fingerprint, "--json")
    assert (code, json.loads(out)["pushes"]) == (0, True)
    node.publish(instrument("A-1"), instrument("A-2"))
    async with serving(home, port), ClientSession() as session:
        await until(session, f"http://127.0.0.1:{port}/healthz", "ok")
        pusher = Pusher(node, open_hub(home), session, int(time.time()))
        for log in ("catalogue", "usage"):
            assert await pusher.push(log)
        fed = f"http://127.0.0.1:{port}/fed/body/pub/000"
        assert f"{node.origin}/catalogue" in await until(session, fed, '"adv"')
    _, out, _ = await fenhe_hub(home, "status", "--json")
    [catalogue, usage] = json.loads(out)["logs"]
    assert (catalogue["state"], catalogue["size"], catalogue["cosigned"]) == ("ok", 2, 2)
    assert (usage["size"], usage["outcome"]) == (0, "unchanged")
    assert node.asked == []
    _, out, _ = await fenhe_hub(home, "sync", "--once")
    assert "没有要巡访的单位" in out


async def test_a_node_that_can_be_reached_is_visited_as_soon_as_it_says_so(tmp_path: Path) -> None:
    home, port, node = tmp_path / "hub", free_port(), FakeNode(tmp_path / "u1")
    await founded(home, port)
    node.publish(instrument("A-1"))
    async with node.serving():
        node.trust(open_hub(home).keys.request.public)
        enrol = ("enrol", node.url, "--allow-private", "--fingerprint", node.fingerprint)
        assert (await fenhe_hub(home, *enrol))[0] == 0
        async with serving(home, port), ClientSession() as session:
            mirror = f"http://127.0.0.1:{port}/m/{origin_hash(f'{node.origin}/catalogue')}"
            await until(session, f"{mirror}/{CHECKPOINT}", "catalogue\n1\n")
            node.publish(instrument("A-2"))
            pusher = Pusher(node, open_hub(home), session, known={"catalogue": 1})
            assert (await pusher.add_checkpoint()).status == 200
            # By itself the planner would come again after five minutes.
            await until(session, f"{mirror}/{CHECKPOINT}", "catalogue\n2\n")


@pytest.mark.parametrize("wrong", ["fingerprint", "file", "both", "neither"])
async def test_an_enrolment_that_cannot_be_is_refused_and_writes_nothing(
    tmp_path: Path, wrong: str
) -> None:
    home, node = tmp_path / "hub", FakeNode(tmp_path / "u1")
    await founded(home, free_port())
    root = tmp_path / "root-1"
    root.write_bytes(node.read("root", "root/1"))
    file, given = ["--root-file", str(root)], ["--fingerprint", node.fingerprint]
    arguments = {
        "fingerprint": [*file, "--fingerprint", "0" * 64],
        "file": ["--root-file", str(tmp_path / "none"), *given],
        "both": ["https://u1.example", *file, *given],
        "neither": given,
    }
    code, _, complaints = await fenhe_hub(home, "enrol", *arguments[wrong])
    assert code != 0
    assert complaints
    assert not (home / "registry.yaml").exists()
