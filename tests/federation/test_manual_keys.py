"""The manuals' chapters on keys, addresses and the state of units, followed to the letter.

What the text says between two commands (carry a file, restart, call the hub) is done here.
"""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_node.node import open_node
from fenhe_protocol.terminal import grouped
from tests.federation import push_house
from tests.federation.manual import Reader, Step, chapter
from tests.federation.province import Province, province_in
from tests.node import homes
from tests.sm2 import need_libcrypto

NAME, ORIGIN, OTHER = "u1", "hub.example/u/911401000000000039", "hub.example/u/121400000000000013"
IN_PART = 4


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    """The hub and the unit of the manuals, which know each other and have published."""
    with province_in(tmp_path) as province:
        province.found_hub(interval_seconds=3600)
        province.node(
            NAME,
            *("init", "--unit-name", "示例公司", "--uscc", "911401000000000039"),
            *("--origin", ORIGIN, "--public-url", province.url(NAME)),
        )
        publish(province, "GS-001")
        for name in ("hub", NAME):
            province.serve(name)
        province.enrol(NAME)
        taken(province)
        yield province


@pytest.fixture
def reader(province: Province, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Somebody with the manuals, in a folder of their own."""
    (folder := province.folder / "desk").mkdir()
    monkeypatch.chdir(folder)
    return Reader(
        {
            "/var/lib/fenhe-node": str(province.home(NAME)),
            "/var/lib/fenhe-hub": str(province.home("hub")),
            "https://fenhe.gongsi.example": province.url(NAME),
            "https://kaifang.gongsi.example": province.url("u1-new"),
        }
    )


def publish(province: Province, id: str) -> None:
    node = open_node(province.home(NAME))
    homes.put(node, [homes.instrument(id) | {"unit": node.root.unit}])
    # A clock of its own spares the ten seconds between two publishes.
    homes.publish_all(node, homes.Clock(int(time.time())))


def taken(province: Province) -> None:
    """The hub visits, finds nothing wrong, and holds all."""
    for report in province.sync().values():
        assert (report["code"], report["cosigned"]) == ("", report["size"])


def restart(province: Province) -> None:
    province.stop(NAME)
    province.serve(NAME)


def ours(steps: list[Step]) -> list[Step]:
    """Without the commands of the system."""
    return [step for step in steps if step.command.startswith("fenhe")]


def test_a_unit_changes_its_keys_and_keeps_the_root_keys_elsewhere(
    province: Province, reader: Reader
) -> None:
    steps = iter(ours(chapter("unit-keys", "## 14. 密钥：更换、丢失、被盗")))
    home = province.home(NAME)
    for wanted in ("keys", "rotate-key log", "rotate-key request"):
        step = next(steps)
        assert step.command.endswith(wanted)
        reader.follow(step)
    publish(province, "GS-002")
    for _ in "甲乙丙":
        reader.follow(next(steps))
    reader.follow(next(steps), IN_PART)  # root-document propose
    for file in (home / "root-next/root-4.txt", home / "public/root/3"):
        shutil.copy(file, ".")
    for _ in "甲乙":
        assert "变化 change: 须签 threshold 1 → 2" in reader.follow(next(steps))
    reader.follow(next(steps))  # root-document adopt
    (home / "keys/root.seed").unlink()
    publish(province, "GS-003")
    province.hub("look", ORIGIN)
    taken(province)


def test_a_unit_turns_on_its_sm2_lines(province: Province, reader: Reader) -> None:
    need_libcrypto()
    made, verified = ours(chapter("unit-keys", "### 国密签名（可选）"))
    reader.follow(made)
    push_house.configure(province.home(NAME), sm2="true")
    restart(province)
    publish(province, "GS-002")
    (mark,) = re.findall(r"--fingerprint '([0-9a-f ]+)'", verified.command)
    reader.known[mark] = grouped(province.node(NAME, "fingerprint")["fingerprint"])
    reader.follow(verified)
    (enrolled,) = ours(chapter("hub", "### 登记国密公钥"))
    reader.follow(enrolled)
    taken(province)
    assert province.standing()[(ORIGIN, "catalogue")]["sm2"] == "signed"


def enrol_other(province: Province) -> None:
    """A second unit, that pushes; it stands for the first where that retires."""
    province.node(
        "u2",
        *("init", "--unit-name", "示例大学", "--uscc", OTHER.rpartition("/")[2]),
        *("--origin", OTHER, "--public-url", province.url("u2")),
    )
    mark = province.node("u2", "fingerprint")["fingerprint"]
    root = str(province.home("u2") / "public/root/1")
    province.hub("enrol", "--root-file", root, "--fingerprint", mark, "--allow-private")


def test_a_unit_moves_and_the_hub_looks(province: Province, reader: Reader) -> None:
    (moved,) = ours(chapter("unit-keys", "## 15. 换网址、改名、合并"))
    reader.follow(moved)
    restart(province)
    steps = ours(chapter("hub", "## 15. 单位的变化：暂停、迁走、退出"))
    looked = steps.pop()
    reader.known["https://fenhe.gongsi.example"] = province.url("u1-new")
    reader.follow(looked)
    province.stop(NAME)
    province.ports[NAME] = province.ports["u1-new"]
    province.serve(NAME)
    publish(province, "GS-002")
    taken(province)
    enrol_other(province)
    suspend, resume, *others = steps
    reader.follow(suspend)
    reader.follow(resume)
    province.hub("sync", "--once", allowed=(0, 4))
    for step in others:
        reader.follow(step)
        reader.follow(resume)


def test_a_hub_changes_its_keys(province: Province, reader: Reader) -> None:
    (rotated,) = ours(chapter("hub", "## 17. 省平台自己的密钥"))
    reader.follow(rotated)
    publish(province, "GS-002")
    taken(province)
