"""A unit's own server takes in what is laid into a folder and what a script sends, unasked."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from deploy.demo.ports import free_port
from fenhe_node.collecting.script_token import new_token
from tests.federation.province import Province, province_in
from tests.node.lists import GOOD, HEADERS, write_csv
from tests.patience import until

NAME, UNIT_NAME, USCC = "u1", "示例大学", "12140000000000019W"


def test_a_served_node_takes_lists_from_a_folder_and_from_a_script(tmp_path: Path) -> None:
    inbox = tmp_path / "投递"
    inbox.mkdir()
    with province_in(tmp_path) as province:
        province.found_node(NAME, UNIT_NAME, USCC)
        home = province.home(NAME)
        config = (home / "config.yaml").read_text("utf-8")
        source = f"  - {{name: inbox, kind: folder, place: {inbox}, still_seconds: 2}}"
        config = config.replace("sources: []", f"sources:\n{source}")
        (home / "config.yaml").write_text(config, "utf-8")
        console = f"127.0.0.1:{free_port()}"
        command = ["fenhe-node", "--home", str(home), "serve", "--listen", "", "--console", console]
        province.start(NAME, *command)
        write_csv(inbox / "设备.csv", [HEADERS, *GOOD[:2]])
        until(lambda: standing(province)["staged"] == 2)
        assert [path.name[-6:] for path in (inbox / "done").iterdir()] == ["设备.csv"]
        raw = write_csv(tmp_path / "b.csv", [HEADERS, *GOOD]).read_bytes()
        told = send(f"http://{console}/api/import?name=b.csv", raw, new_token(home))
        assert (told["staged"], told["exit"], told["new"]) == (3, 0, [GOOD[2][0]])
        assert province.node(NAME, "status", "--offline")["records"] == 4  # the unit itself too


def standing(province: Province) -> dict[str, Any]:
    (found,) = province.node(NAME, "sources")["sources"]
    return dict(found)


def send(url: str, raw: bytes, token: str) -> dict[str, Any]:
    request = urllib.request.Request(url, raw, {"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))
