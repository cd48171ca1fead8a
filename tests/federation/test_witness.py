"""A witness that a third body runs, as real processes: from its first command to a proof that
holds without the hub.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.ports import free_port
from deploy.demo.programs import wait_until_up
from fenhe_client.cli import main
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.proof import parse_proof
from tests.federation.province import HUB_ORIGIN, Province, province_in

NAME = "w.example/w"
UNIT = "12140000000000019W"
CATALOGUE = "u1.example/fenhe/catalogue"


@dataclass
class Watched:
    """A hub with one node, both served, and a witness that the hub names."""

    province: Province
    key: str = ""
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/w"

    def witness(self, *command: str) -> Any:
        """Run a command of the witness."""
        home = str(self.province.home("w"))
        return self.province.programs.answer("fenhe", "witness", "--home", home, *command)

    def serve(self) -> None:
        home = str(self.province.home("w"))
        command = ["fenhe", "witness", "--home", home, "serve"]
        listen = ["--listen", f"127.0.0.1:{self.port}", "--path", "/w"]
        self.province.programs.serve("w", *command, *listen)
        wait_until_up(self.url)

    def signers(self) -> list[str]:
        """Who signed the checkpoint that the hub's mirror shows."""
        raw = self.province.fetch(f"/m/{origin_hash(CATALOGUE)}/checkpoint")
        return [line.name for line in parse_note(raw).signatures]

    def proof(self, file: Path) -> Path:
        """The proof of the unit's first leaf, as the hub hands it out."""
        place = f"origin={CATALOGUE.replace('/', '%2F')}&index=0"
        file.write_bytes(self.province.fetch(f"/api/v1/proof?{place}"))
        return file


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with province_in(tmp_path_factory.mktemp("witness")) as province:
        found = Watched(province)
        found.key = found.witness("init", "--name", NAME)["key"]
        province.found_hub()
        named = {"key": found.key, "url": found.url, "allow_private": True}
        province.configure_hub(witnesses=json.dumps([named]))
        province.found_node("u1", "示例大学", UNIT)
        province.node("u1", "publish")
        province.serve("hub")
        province.serve("u1")
        province.enrol("u1")
        yield found


def test_a_third_body_vouches_for_what_the_hub_mirrors(watched: Watched, tmp_path: Path) -> None:
    province = watched.province
    # Nobody is there: the round is as good as ever, and the hub says who is missing.
    assert all(report["outcome"] != "defer" for report in province.sync().values())
    assert watched.signers() == [CATALOGUE, f"{HUB_ORIGIN}/m"]
    (told,) = province.hub("status")["witnesses"]
    assert (told["name"], told["cosigned"], told["code"]) == (NAME, 0, "fetch.connect")

    # Its operator compares the unit's fingerprint and lets it answer.
    fingerprint = province.node("u1", "fingerprint")["fingerprint"]
    url = province.url("u1")
    known = watched.witness("add-unit", url, "--allow-private", "--fingerprint", fingerprint)
    assert known["logs"] == [CATALOGUE]
    watched.serve()
    (province.home("hub") / "witnesses.sqlite").unlink()  # rather than wait for a minute
    province.sync()
    assert watched.signers() == [CATALOGUE, f"{HUB_ORIGIN}/m", NAME]
    (told,) = province.hub("status")["witnesses"]
    assert (told["cosigned"], told["logs"], told["code"]) == (1, 1, "")
    # The proof file convinces who trusts the witness, and asks nobody.
    file = watched.proof(tmp_path / "record.tlog-proof")
    lines = parse_note(parse_proof(file.read_bytes()).note).signatures
    assert NAME in [line.name for line in lines]
    log_key = province.node("u1", "fingerprint")["keys"][CATALOGUE]
    assert main(["verify-proof", str(file), "--key", log_key, "--cosigner", watched.key]) == 0
    (size,) = [log["size"] for log in watched.witness("status")["logs"]]
    assert size > 0
    watch_the_hub(watched, tmp_path / "cursor.json")


def watch_the_hub(watched: Watched, cursor: Path) -> None:
    """The witness knows the hub as well: what that says can no longer be said otherwise to others.

    Its operator is told that it does not, and whoever follows the hub may ask the witness.
    """
    province = watched.province
    (told,) = province.hub("status")["witnesses"]
    assert told["fed_code"] == "witness.denied"
    fingerprint, url = province.hub("fingerprint")["fingerprint"], province.url("hub")
    known = watched.witness("add-unit", url, "--allow-private", "--fingerprint", fingerprint)
    assert known["logs"] == [f"{HUB_ORIGIN}/fed"]
    (province.home("hub") / "witnesses.sqlite").unlink()
    province.sync()
    signed = [line.name for line in parse_note(province.fetch("/fed/checkpoint")).signatures]
    assert signed == [f"{HUB_ORIGIN}/fed", NAME]
    asked = ["--once", "--witness", f"{watched.key}@{watched.url}", "--fingerprint", fingerprint]
    assert main(["follow", url, "--cursor", str(cursor), *asked]) == 0
