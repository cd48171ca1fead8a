"""The commands as an operator runs them: init, enrol, sync, serve, and what they exit with."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from deploy.demo.ports import free_port
from fenhe_hub.cli import main
from fenhe_hub.hub import open_hub
from fenhe_protocol.origin import origin_hash
from tests import forked
from tests.hub.fake_node import FakeNode, instrument

ROOT = Path(__file__).parents[2]


async def fenhe_hub(home: Path, *arguments: str) -> tuple[int, str, str]:
    """Run one command: its exit code, what it printed, what it complained."""
    ended = await asyncio.to_thread(forked.run, "fenhe-hub", "--home", str(home), *arguments)
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def hurry(home: Path) -> None:
    """Let the hub say at once what it knows, where it gathers for some seconds; and log as JSON."""
    path = home / "config.yaml"
    text = path.read_text("utf-8")
    for key, value in {"publish_seconds": 0, "advise_seconds": 0, "log_form": "json"}.items():
        text, found = re.subn(rf"^{key}: .*$", f"{key}: {value}", text, flags=re.MULTILINE)
        assert found == 1
    path.write_text(text, "utf-8")


@asynccontextmanager
async def serving(home: Path, port: int, console: str = "") -> AsyncIterator[None]:
    """`serve`, until left; it is told to stop as systemd does."""
    log = home.parent / "serve.log"
    command = ("--home", str(home), "serve", "--listen", f"127.0.0.1:{port}", "--console", console)
    process = forked.start("fenhe-hub", *command, log=log)
    try:
        yield
    finally:
        process.terminate()
        code = await asyncio.to_thread(process.wait)
        assert code == 0, log.read_text("utf-8")


async def until(session: ClientSession, url: str, text: str) -> str:
    """Ask until the answer holds this text."""
    for _ in range(600):
        try:
            async with session.get(url) as answer:
                if text in (found := await answer.text()):
                    return found
        except ClientConnectionError:
            pass
        await asyncio.sleep(0.05)
    pytest.fail(f"{url} never said {text}")


def test_wrong_usage_is_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--home", str(tmp_path), "dance"])
    assert caught.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_the_package_is_a_program_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fenhe_hub", "--home", str(tmp_path), "status"]
    paths = os.pathsep.join(str(ROOT / part) for part in ("protocol", "hub"))
    env = {**os.environ, "PYTHONPATH": paths}
    assert subprocess.run(command, env=env, capture_output=True, check=False).returncode == 1


def test_what_cannot_be_done_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--home", str(tmp_path), "status", "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["code"] == "home.absent"
    assert "init" in printed.err


def test_init_says_what_units_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "hub"
    assert main(["--home", str(home), "init", "--origin", "hub.example/fenhe", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert main(["--home", str(home), "fingerprint"]) == 0
    assert said["fingerprint"] in capsys.readouterr().out.replace(" ", "").splitlines()
    assert said["url"] == "https://hub.example/fenhe"
    assert main(["--home", str(home), "init", "--origin", "hub.example/fenhe"]) == 1
    assert open_hub(home).fingerprint == said["fingerprint"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--origin", "https://hub.example"],
        ["--origin", "hub.example/fenhe", "--public-url", "http://hub.example"],
        ["--origin", "hub.example/fenhe", "--uscc", "12140000000000027X"],
    ],
)
def test_a_bad_beginning_makes_no_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    home = tmp_path / "hub"
    assert main(["--home", str(home), "init", *wrong]) == 1
    assert "setup.value" in capsys.readouterr().err
    assert not home.exists()


def test_the_config_can_be_printed_and_unknown_keys_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "hub"
    main(["--home", str(home), "init", "--origin", "hub.example/fenhe"])
    capsys.readouterr()
    assert main(["--home", str(home), "config"]) == 0
    assert capsys.readouterr().out.strip() == (home / "config.yaml").read_text().strip()
    with (home / "config.yaml").open("a") as file:
        file.write("intervall_seconds: 5\n")
    assert main(["--home", str(home), "config"]) == 1
    assert "intervall_seconds" in capsys.readouterr().err


async def test_the_whole_way_through_the_commands(tmp_path: Path) -> None:
    home, node, port = tmp_path / "hub", FakeNode(tmp_path / "u1"), free_port()
    url = f"http://127.0.0.1:{port}"
    await fenhe_hub(home, "init", "--origin", "hub.example/fenhe", "--public-url", url)
    hurry(home)
    node.trust(open_hub(home).keys.request.public)
    node.publish(instrument("A-1"))
    async with node.serving(), ClientSession() as session:
        code, _, complaint = await fenhe_hub(
            home, "enrol", node.url, "--allow-private", "--fingerprint", "ab" * 32
        )
        assert (code, "root.fingerprint" in complaint) == (3, True)
        async with serving(home, port):
            # Enrolled beside the running server, which takes the unit up by itself.
            code, said, _ = await fenhe_hub(
                home,
                "enrol",
                node.url,
                "--allow-private",
                "--fingerprint",
                node.fingerprint,
                "--json",
            )
            assert (code, json.loads(said).get("origin")) == (0, node.origin), said
            catalogue = f"{url}/m/{origin_hash(f'{node.origin}/catalogue')}"
            await until(session, f"{catalogue}/checkpoint", "hub.example/fenhe/m")
            await until(session, f"{url}/healthz", '"ok"')
            await until(session, f"{url}/fed/body/pub/000", '"kind":"adv"')
            code, said, _ = await fenhe_hub(home, "sync", "--once", "--json")
            assert (code, [log["size"] for log in json.loads(said)["logs"]]) == (0, [1, 0])
    _, *logged = (tmp_path / "serve.log").read_text("utf-8").splitlines()  # first: where it serves
    visits = [told for line in logged if "visited" in (told := json.loads(line))["message"]]
    assert visits[0]["message"] == f"visited {node.origin}/catalogue"
    assert (visits[0]["facts"]["size"], visits[0]["facts"]["outcome"]) == (1, "grown")
    code, said, _ = await fenhe_hub(home, "sync", "--once")
    assert (code, "fetch.connect" in said) == (4, True)
    code, said, _ = await fenhe_hub(home, "status", "--json")
    logs = json.loads(said)["logs"]
    assert [(log["size"], log["cosigned"], log["outcome"]) for log in logs] == [
        (1, 1, "defer"),
        (0, 0, "defer"),
    ]
    _, before, _ = await fenhe_hub(home, "dump")
    assert (await fenhe_hub(home, "rebuild"))[0] == 0
    assert (await fenhe_hub(home, "dump"))[1] == before


async def test_the_console_is_served_beside_on_an_address_of_its_own(tmp_path: Path) -> None:
    home, port, console = tmp_path / "hub", free_port(), f"127.0.0.1:{free_port()}"
    url = f"http://127.0.0.1:{port}"
    await fenhe_hub(home, "init", "--origin", "hub.example/fenhe", "--public-url", url)
    async with serving(home, port, console), ClientSession() as session:
        await until(session, f"http://{console}/units", "登录管理台")
        async with session.get(f"{url}/sign-in") as answer:
            assert answer.status == 404
