"""Journeys through the real commands, as separate processes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from fenhe_node.node import open_node
from tests import forked
from tests.node.homes import ORIGIN, UNIT, publish_long_ago

ROOT = Path(__file__).parents[2]
LIST = """仪器编号,仪器设备名称,运行状态,规格型号,联系人
A-1,核磁共振波谱仪,正常,EX-400,示例联系人
A-2,扫描电子显微镜,待修,JSM-0000F,示例联系人
A-3,热重分析仪,好得很,TG-1,示例联系人
"""


class Commands:
    """`fenhe-node --home DIR …`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.console = ""  # its address while it serves

    def run(self, *arguments: str, code: int = 0) -> str:
        ended = forked.run("fenhe-node", "--home", str(self.home), *arguments)
        assert ended.returncode == code, (ended.stdout.decode(), ended.stderr.decode())
        return ended.stdout.decode()

    def json(self, *arguments: str, code: int = 0) -> Any:
        facts = json.loads(self.run(*arguments, "--json", code=code))
        assert facts["exit"] == code
        return facts

    def init(self) -> Any:
        return self.json(
            "init",
            "--unit-name",
            "示例大学",
            "--uscc",
            UNIT,
            "--origin",
            ORIGIN,
            "--public-url",
            "http://127.0.0.1:8640/fenhe",
        )

    @contextmanager
    def serving(self) -> Iterator[str]:
        paths = [str(ROOT / part) for part in ("protocol", "node")]
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "fenhe_node", "--home", str(self.home)),
                *("serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert process.stderr is not None
        try:
            said = process.stderr.readline()
            assert "http://" in said, said + process.stderr.read()
            self.console = process.stderr.readline().split()[-1]
            yield said[said.index("http://") :].strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
        assert process.returncode == 0


@pytest.fixture
def node(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "home")


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "设备.csv"
    file.write_text(LIST, encoding="gb18030")
    return file


def test_from_a_list_to_a_signed_page(node: Commands, listed: Path) -> None:
    made = node.init()
    assert node.run("fingerprint").splitlines()[0].replace(" ", "") == made["fingerprint"]

    imported = node.json("import", str(listed), "--kind", "instrument", code=4)
    assert (imported["staged"], imported["refused"]) == (2, 1)
    [problem] = [each for each in imported["problems"] if each["blocking"]]
    assert (problem["row"], problem["found"]) == (4, "好得很")

    assert node.json("check", code=3)["publishable"] == 3
    [record] = node.json("preview", "A-1")["records"]
    assert record["public"]["model"] == "EX-400" and "model" not in record["stays"]

    published = node.json("publish")
    assert published["kinds"] == {"unit": 1, "instrument": 2}
    assert node.json("publish")["leaves"] == {"catalogue": 0, "usage": 0}

    with node.serving() as address:
        page = urlopen(f"{address}fenhe/").read().decode()
        assert "核磁共振波谱仪" in page and "热重分析仪" not in page
        assert "示例联系人" not in page
        with pytest.raises(HTTPError) as held:
            urlopen(f"{address}fenhe/usage/checkpoint")
        assert held.value.code == 401
        held.value.close()
        assert json.loads(urlopen(f"{address}healthz").read()) == {
            "healthy": True,
            "reasons": [],
            "alarms": [],
        }
        assert node.json("status", "--offline")["served"] is True
        assert urlopen(node.console).read().decode().count("管理台") >= 1
        assert "管理台" not in page and node.console != address

    status = node.json("status")
    assert status["published"] == {"instrument": 2, "unit": 1}
    assert (status["source_rows"], status["source_refused"], status["pending"]) == (3, 1, 0)
    assert status["served"] is False


def test_importing_the_same_list_again_changes_nothing(node: Commands, listed: Path) -> None:
    node.init()
    node.run("import", str(listed), "--kind", "instrument", code=4)
    node.run("publish")
    again = node.json("import", str(listed), "--kind", "instrument", code=4)
    assert (again["new"], again["changed"], len(again["unchanged"])) == ([], [], 2)
    assert node.json("publish")["leaves"]["catalogue"] == 0


def test_a_deleted_record_goes_with_the_next_publish(node: Commands, listed: Path) -> None:
    node.init()
    node.run("import", str(listed), "--kind", "instrument", code=4)
    publish_long_ago(open_node(node.home))
    node.run("delete", "A-2", "--reason", "scrapped")
    assert node.json("publish")["leaves"]["catalogue"] == 1
    assert node.json("status", "--offline")["published"] == {"instrument": 1, "unit": 1}


def test_the_last_publish_is_taken_back_after_a_look(node: Commands, listed: Path) -> None:
    node.init()
    node.run("import", str(listed), "--kind", "instrument", code=4)
    publish_long_ago(open_node(node.home))
    looked = node.json("revert", "--dry-run")
    assert {step["what"] for step in looked["steps"]} == {"delete", "unit"}
    assert node.json("revert", "--reason", "发早了", code=4)["leaves"] == 2
    assert node.json("status", "--offline")["published"] == {"unit": 1}


def test_a_publish_that_may_not_wait_says_for_how_long(node: Commands, listed: Path) -> None:
    node.init()
    node.run("publish")
    node.run("import", str(listed), "--kind", "instrument", code=4)
    assert node.json("publish", "--no-wait", code=1)["error"]["code"] == "publish.soon"
    assert node.json("status", "--offline")["pending"] == 2


def test_a_second_init_changes_nothing(node: Commands) -> None:
    made = node.init()
    refused = node.json(
        "init", "--unit-name", "示例公司", "--uscc", UNIT, "--origin", ORIGIN, code=1
    )
    assert refused["error"]["code"] == "home.exists"
    assert node.json("fingerprint")["fingerprint"] == made["fingerprint"]


def test_two_servers_in_one_home_are_one_too_many(node: Commands) -> None:
    node.init()
    with node.serving():
        refused = node.json("serve", "--listen", "127.0.0.1:0", code=1)
    assert refused["error"]["code"] == "home.served"


def test_a_hub_that_does_not_answer_is_no_refusal(node: Commands) -> None:
    node.init()
    told = node.json("trust", "http://127.0.0.1:9", "--fingerprint", "00" * 32, code=1)
    assert told["error"]["code"] == "fetch.connect"


@pytest.mark.parametrize("arguments", [[], ["publsh"], ["trust", "http://127.0.0.1"]])
def test_a_wrong_command_line_is_exit_2(node: Commands, arguments: list[str]) -> None:
    node.run(*arguments, code=2)


def test_the_settings_in_force_are_a_configuration_file(node: Commands) -> None:
    node.init()
    written = (node.home / "config.yaml").read_text(encoding="utf-8")
    settings = node.json("config")
    assert settings.pop("exit") == 0
    assert all(f"\n{key}:" in f"\n{written}" for key in settings)
    assert "publish_at:" in node.run("config")


def test_without_a_home_a_command_says_what_to_do_first(node: Commands) -> None:
    assert node.json("status", code=1)["error"]["code"] == "home.absent"
