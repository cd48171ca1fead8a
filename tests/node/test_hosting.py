"""Several homes in one process: each answers for itself, and one that is broken stops no other."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

import fenhe_node.cli
from deploy.demo.ports import free_port
from fenhe_client.settings_file import set_line
from fenhe_node.founding import Founder, found
from fenhe_node.home import is_served
from fenhe_node.hosting.doors import choose, host_of, place_of
from fenhe_node.hosting.homes import homes_in
from fenhe_node.hosting.host import host
from fenhe_node.node import open_node
from fenhe_node.operations.options import now
from fenhe_protocol.errors import SetupError
from tests.node.homes import NOW, UNIT, instrument, publish_long_ago, put
from tests.patience import SECONDS

T = TypeVar("T")
PLACES = st.tuples(st.sampled_from(["a.example", "b.example"]), st.sampled_from(["", "/x", "/x/y"]))


def home(folder: Path, name: str, url: str) -> Path:
    """A home below `folder` with one instrument published."""
    path = folder / name
    found(path, Founder(f"示例大学{name}", UNIT, f"u.example/{name}", url), NOW)
    set_line(path / "config.yaml", "console", "")
    node = open_node(path)
    put(node, [instrument(f"{name}-1")])
    publish_long_ago(node)
    return path


@asynccontextmanager
async def hosted(folder: Path, port: int, retry: float = 0.2) -> AsyncIterator[None]:
    """All homes of a folder, served until this ends."""
    ready = asyncio.Event()
    serving = asyncio.create_task(
        host(folder, ("127.0.0.1", port), now, lambda *_: ready.set(), retry_seconds=retry)
    )
    await asyncio.wait({serving, asyncio.create_task(ready.wait())}, return_when="FIRST_COMPLETED")
    try:
        yield
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await serving


async def checkpoint(port: int, path: str, host: str = "") -> tuple[int, str]:
    """Status and first line of what is answered."""
    headers = {"Host": host} if host else {}
    async with (
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers=headers) as answer,
    ):
        return answer.status, (await answer.text()).partition("\n")[0]


async def test_each_home_answers_for_itself_by_path_and_by_host(tmp_path: Path) -> None:
    port = free_port()
    by_path = [f"http://127.0.0.1:{port}/u/{name}" for name in ("a", "b")]
    for name, url in zip("abc", [*by_path, "https://c.example"], strict=True):
        await asyncio.to_thread(home, tmp_path, name, url)
    async with hosted(tmp_path, port):
        for name in "ab":
            path = f"/u/{name}/catalogue/checkpoint"
            await answered(port, path)
            assert await checkpoint(port, path) == (200, f"u.example/{name}/catalogue")
            assert (await checkpoint(port, f"/u/{name}/"))[0] == 200
            assert (await checkpoint(port, f"/u/{name}/usage/checkpoint"))[0] == 401
        await answered(port, "/catalogue/checkpoint", "c.example")
        assert (await checkpoint(port, "/catalogue/checkpoint", "C.example:443"))[1] == (
            "u.example/c/catalogue"
        )
        assert all(is_served(open_node(tmp_path / name).home) for name in "abc")
        assert fenhe_node.cli.main(["--home", str(tmp_path / "a"), "serve"]) == 1  # locked
    assert not any(is_served(open_node(tmp_path / name).home) for name in "abc")


async def answered(port: int, path: str, host: str = "", status: int = 200) -> None:
    """Wait until the answer has this status."""
    await soon(lambda: checkpoint(port, path, host), lambda seen: seen[0] == status)


async def soon(look: Callable[[], Awaitable[T]], good: Callable[[T], bool]) -> None:
    """Look until it is good."""
    for _ in range(SECONDS * 20):
        if good(seen := await look()):
            return
        await asyncio.sleep(0.05)
    pytest.fail(str(seen))


async def test_a_broken_home_stops_no_other_and_comes_back_when_it_is_mended(
    tmp_path: Path,
) -> None:
    port = free_port()
    for name in "abc":
        url = f"http://127.0.0.1:{port}/{name}"
        await asyncio.to_thread(home, tmp_path, name, url)
    broken = tmp_path / "b" / "config.yaml"
    text = broken.read_text("utf-8")
    set_line(broken, "no_such_key", "x")
    (tmp_path / "c" / "keys" / "log.seed").chmod(0o644)
    async with hosted(tmp_path, port):
        await answered(port, "/a/catalogue/checkpoint")
        for name in "bc":
            await answered(port, f"/{name}/catalogue/checkpoint", status=503)
        async with (
            ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/healthz", headers={"Host": "x"}) as told,
        ):
            assert told.status == 503 and (await told.json())["broken"] == 2
        broken.write_text(text, "utf-8")
        (tmp_path / "c" / "keys" / "log.seed").chmod(0o600)
        for name in "bc":
            await answered(port, f"/{name}/catalogue/checkpoint")
        await asyncio.to_thread(home, tmp_path, "d", f"http://127.0.0.1:{port}/d")
        await answered(port, "/d/catalogue/checkpoint")


async def test_two_homes_of_one_address_are_not_mixed_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    for name in "ab":
        await asyncio.to_thread(home, tmp_path, name, f"http://127.0.0.1:{port}/x")
    async with hosted(tmp_path, port):
        await answered(port, "/x/catalogue/checkpoint")
        await soon(lambda: asyncio.sleep(0, caplog.text), lambda text: "homes.address" in text)
        lines = {(await checkpoint(port, "/x/catalogue/checkpoint"))[1] for _ in range(4)}
        assert len(lines) == 1


def test_what_is_asked_of_all_homes_is_answered_for_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        home(tmp_path, name, f"https://u.example/{name}")
    (tmp_path / "b" / "store.sqlite").write_bytes(b"no database" * 100)
    command = ["status", "--homes", str(tmp_path), "--offline", "--json"]
    assert fenhe_node.cli.main(command) == 4
    told = json.loads(capsys.readouterr().out)["homes"]
    assert told["a"]["published"]["instrument"] == 1 and "error" in told["b"]
    backups = tmp_path / "backups"
    (tmp_path / "b" / "store.sqlite").unlink()
    assert fenhe_node.cli.main(["backup", str(backups), "--homes", str(tmp_path)]) == 0
    assert len(list(backups.iterdir())) == 2


def test_a_folder_without_homes_and_a_command_without_any_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SetupError, match=r"homes\.none"):
        homes_in(tmp_path)
    assert fenhe_node.cli.main(["serve", "--homes", str(tmp_path / "none")]) == 1
    with pytest.raises(SystemExit):
        fenhe_node.cli.main(["status"])
    assert "--home" in capsys.readouterr().err


@given(st.dictionaries(PLACES, st.integers(0, 3)), PLACES)
def test_a_request_reaches_the_longest_path_at_its_host(
    doors: dict[tuple[str, str], int], asked: tuple[str, str]
) -> None:
    found = choose(doors, asked[0], f"{asked[1]}/catalogue")
    here = [place for place in doors if place[0] == asked[0] and _fits(asked[1], place[1])]
    if here:
        assert found == doors[max(here, key=lambda place: len(place[1]))]
    elif found is not None:
        assert any(door == found and _fits(asked[1], place[1]) for place, door in doors.items())


def _fits(path: str, base: str) -> bool:
    return f"{path}/".startswith(f"{base}/")


def test_a_usual_port_goes_without_saying() -> None:
    assert host_of("U1.example:443") == "u1.example" == host_of("u1.example:80")
    assert place_of("https://u1.example/u/1/") == ("u1.example", "/u/1")
    assert place_of("http://127.0.0.1:8640") == ("127.0.0.1:8640", "")
