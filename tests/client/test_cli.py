"""The command `fenhe`, over folders and over a real server on loopback."""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fenhe_client.cli import main
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.request import RequestVerifier, key_id
from fenhe_protocol.root_document import cosigner_name
from tests.client.hub_house import HUB, MIRROR_KEY, HubHouse
from tests.client.tiles_log import TilesLog
from tests.client.unit_log import CATALOGUE, KEY, USCC, Publisher, instrument

OUR_KEY = VerifierKey(CATALOGUE, ED25519, KEY.public).text
READER = SigningKey.from_seed(b"reader".ljust(32))


class Server:
    """Serves files from a dict on loopback, in a thread of its own."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.signed_by: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._runner: web.AppRunner = self._call(self._start())
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def close(self) -> None:
        self._call(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def _answer(self, request: web.Request) -> web.Response:
        if "Signature" in request.headers:
            verifier = RequestVerifier({key_id(READER.public): READER.public})
            uri = f"{self.url}{request.raw_path}"
            now = int(time.time())
            self.signed_by.append(verifier.verify("GET", uri, request.headers, None, now))
        body = self.files.get(request.raw_path.lstrip("/"))
        if body is None:
            raise web.HTTPNotFound
        return web.Response(body=body)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[HubHouse, Server]]:
    house = HubHouse(tmp_path / "house")
    house.enrol()
    house.publish([instrument(n) for n in range(300)])
    house.advance(0)
    house.answer(f"{USCC}/instrument/A-7", 7)
    server = Server(house.files)
    yield house, server
    server.close()


def test_verify_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Publisher(tmp_path).publish([instrument(n) for n in range(3)])
    assert main(["verify", str(tmp_path / "log"), "--key", OUR_KEY]) == 0
    said = capsys.readouterr().out
    assert f"✔ {CATALOGUE}  3 条 entries" in said
    assert "pub: 有效 valid 3" in said


def test_verify_says_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Publisher(tmp_path).publish([instrument(n) for n in range(3)])
    assert main(["verify", str(tmp_path / "log"), "--key", OUR_KEY, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["ok"], facts["size"], facts["bodies"]["hub"]["valid"]) == (True, 3, 3)


def test_verify_a_log_that_others_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = TilesLog("example.com/other", [b"entry %d" % n for n in range(600)])
    log.write(tmp_path)
    assert main(["verify", str(tmp_path), "--key", log.vkey]) == 0
    assert "外部日志" in capsys.readouterr().out
    assert main(["verify", str(tmp_path), "--key", log.vkey, "--foreign", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["foreign"] is True


def test_verify_over_http(hub: tuple[HubHouse, Server], capsys: pytest.CaptureFixture[str]) -> None:
    house, server = hub
    server.files = house.unit.files()
    assert main(["verify", server.url, "--key", OUR_KEY, "--quiet"]) == 0
    assert "300 条" in capsys.readouterr().out


def test_verify_with_signed_requests(hub: tuple[HubHouse, Server], tmp_path: Path) -> None:
    house, server = hub
    server.files = house.unit.files()
    seed = tmp_path / "request.seed"
    seed.write_text(b"reader".ljust(32).hex())
    given = ("verify", server.url, "--key", OUR_KEY, "--request-key", str(seed))
    seed.chmod(0o644)
    assert main(given) == 1
    seed.chmod(0o600)
    assert main(given) == 0
    assert set(server.signed_by) == {key_id(READER.public)}


def test_a_changed_byte_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Publisher(tmp_path).publish([instrument(n) for n in range(3)])
    body = tmp_path / "log" / "body" / "pub" / "000"
    body.write_bytes(body.read_bytes().replace("仪器 1".encode(), "仪器 2".encode()))
    assert main(["verify", str(tmp_path / "log"), "--key", OUR_KEY, "--json"]) == 3
    said = capsys.readouterr()
    problem = json.loads(said.out)
    assert (problem["ok"], problem["exit"]) == (False, 3)
    assert problem["error"]["code"] == "body.altered"
    assert "body.altered" in said.err


def test_a_log_that_is_not_there_could_not_be_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path), "--key", OUR_KEY]) == 1
    assert "verify.absent" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nothing"],
        ["verify", "x"],
        ["verify", "x", "--key", "no key"],
        ["verify", "x", "--key", VerifierKey("a", COSIGNATURE, KEY.public).text],
        ["prove", "http://127.0.0.1"],
        ["prove", "http://127.0.0.1", "a/b/c", "--unit-fingerprint", "12"],
        ["follow", "http://127.0.0.1"],
    ],
)
def test_wrong_usage_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: fenhe" in capsys.readouterr().err


def test_follow_once_and_again(
    hub: tuple[HubHouse, Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, server = hub
    arguments = ["follow", server.url, "--cursor", str(tmp_path / "cursor"), "--once"]
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert len([json.loads(line) for line in said.out.splitlines()]) == 300
    assert house.fingerprint in said.err
    aloud = " ".join(house.fingerprint[at : at + 4].upper() for at in range(0, 64, 4))
    assert main([*arguments, "--fingerprint", aloud]) == 0
    assert capsys.readouterr() == ("", "")
    assert main([*arguments, "--fingerprint", "0" * 64]) == 1
    assert "cursor.hub" in capsys.readouterr().err


def test_follow_tells_of_what_is_refused_and_goes_on(
    hub: tuple[HubHouse, Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, server = hub
    path = next(path for path in house.files if path.endswith("tile/entries/001.p/44"))
    house.files[path] = house.files[path][:-1]
    arguments = ["follow", server.url, "--cursor", str(tmp_path / "cursor"), "--once"]
    assert main([*arguments, "--fingerprint", house.fingerprint]) == 3
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 256
    assert "bundle.short" in said.err


def test_prove_prints_and_keeps_the_proof(
    hub: tuple[HubHouse, Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, server = hub
    out = tmp_path / "proof"
    record = f"{USCC}/instrument/A-7"
    cosigner = VerifierKey(cosigner_name(HUB), COSIGNATURE, MIRROR_KEY.public).text
    keys = ["--key", OUR_KEY, "--cosigner", cosigner]
    assert main(["prove", server.url, record, "--out", str(out), *keys]) == 0
    said = capsys.readouterr().out
    assert f"✔ {CATALOGUE} 第 7 条" in said
    assert "2026-11-23T08:01:05+08:00" in said
    assert out.read_bytes() == house.prove(7)
    assert main(["prove", server.url, record, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["to_compare"]["hub"] == house.fingerprint


def test_prove_refuses_what_is_not_there(
    hub: tuple[HubHouse, Server], capsys: pytest.CaptureFixture[str]
) -> None:
    _, server = hub
    assert main(["prove", server.url, f"{USCC}/instrument/A-999", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "prove.unknown"
