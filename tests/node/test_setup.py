"""`setup` in the terminal, with a hub beside it: asked, left, taken up again."""

import asyncio
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from fenhe_node.cli import main
from fenhe_node.config import load_config
from fenhe_node.node import open_node
from tests.node.a_hub import HUB, AHub, a_hub
from tests.node.lists import GOOD, HEADERS, write_csv

Said = tuple[int, str, str]  # exit code, answer, dialogue
IN_PART, COULD_NOT = 4, 1
WRONG = ["20150004", "热分析仪", "EX-4", "35万", "2018-01-02", "正常", "示例丁"]


@pytest.fixture
def setup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """Run it in a thread, a person typing these lines and then going away."""

    async def run(*options: str, typing: Sequence[str] = ()) -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typing)))
        words = ["--home", str(tmp_path / "home"), "setup", *options]
        code = await asyncio.to_thread(main, words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def answers(hub: AHub) -> list[str]:
    """Code (wrong first), name, hub (wrong first), no address of its own."""
    return [
        *("12140000000000018W", "12140000000000019w", "示例大学"),
        *("http://127.0.0.1:9", hub.url, ""),
    ]


async def test_a_person_is_led_from_nothing_to_the_first_publish(
    setup: Callable[..., Any], tmp_path: Path
) -> None:
    async with a_hub() as hub:
        listed = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD, WRONG])
        code, answer, dialogue = await setup(
            "--wait", "1", typing=[*answers(hub), hub.fingerprint[-4:], str(listed), "", "y"]
        )
    assert code == IN_PART
    for said in (
        "第 17 位“8”(可能是 9)",  # the code
        "fetch.connect",  # a hub that does not answer
        f"通了: {HUB}",
        "收下 taken 3, 退回 refused 1",
        "已标注 marked: ",
        "留在单位 stays here",  # the preview
        "已发布 published 4",
        *(f"[{number}/9] " for number in range(1, 8)),
    ):
        assert said in dialogue
    assert "▶ 7 登记, 等回执" in answer and "退回 1 行" in answer


async def test_it_is_left_at_any_question_and_taken_up_there(
    setup: Callable[..., Any], tmp_path: Path
) -> None:
    async with a_hub() as hub:
        code, answer, _ = await setup(typing=answers(hub)[:3])
        assert (code, "▶ 1 " in answer) == (IN_PART, True)
        assert not (tmp_path / "home").exists()
        code, answer, _ = await setup(typing=answers(hub))
        assert (code, "▶ 3 " in answer) == (IN_PART, True)
        mark = open_node(tmp_path / "home").fingerprint
        code, answer, dialogue = await setup(typing=[hub.fingerprint[-4:]])
        assert (code, "▶ 5 " in answer) == (IN_PART, True)
        assert "[3/9]" in dialogue and "[1/9]" not in dialogue
    assert open_node(tmp_path / "home").fingerprint == mark


async def test_another_fingerprint_than_the_one_heard_is_not_trusted(
    setup: Callable[..., Any],
) -> None:
    async with a_hub() as hub:
        await setup(typing=answers(hub))
        other = "0000" if hub.fingerprint[-4:] != "0000" else "1111"
        code, answer, dialogue = await setup(typing=[other])
    assert code == IN_PART and "没有信任" in dialogue and "▶ 3 " in answer


async def test_a_unit_without_an_address_pushes_and_one_that_answers_listens(
    setup: Callable[..., Any], tmp_path: Path
) -> None:
    given = ["--no-questions", "--uscc", "12140000000000019W", "--unit-name", "示例大学"]
    async with a_hub() as hub:
        # Nobody answers there: what others cannot reach is pushed.
        shut = "http://127.0.0.1:9/fenhe"
        await setup(*given, "--hub", hub.url, "--public-url", shut)
        assert load_config(tmp_path / "home/config.yaml").listen == ""
        code, answer, _ = await setup("--no-questions")
    assert code == IN_PART and "还打不开 http://127.0.0.1:9/fenhe" in answer


async def test_scripts_give_all_answers_and_read_json(
    setup: Callable[..., Any], tmp_path: Path
) -> None:
    listed = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])
    async with a_hub() as hub:
        code, answer, _ = await setup(
            *("--json", "--uscc", "12140000000000019W", "--unit-name", "示例大学"),
            *("--hub", hub.url, "--hub-fingerprint", hub.fingerprint, "--file", str(listed)),
            *("--publish", "--publish-at", "30 2 * * *", "--sheet", str(tmp_path)),
        )
    facts = json.loads(answer)
    assert (code, facts["exit"]) == (IN_PART, IN_PART)
    assert {name: step["state"] for name, step in facts["steps"].items()} == {
        **dict.fromkeys(("unit", "keys", "hub", "way", "lists", "publish"), "done"),
        **{"receipt": "next", "schedule": "done", "sheet": "done"},
    }
    assert (tmp_path / "handover.html").is_file() and (tmp_path / "handover.txt").is_file()
    assert load_config(tmp_path / "home/config.yaml").publish_at == "30 2 * * *"


async def test_scripts_are_told_what_is_wrong_and_nothing_is_left(
    setup: Callable[..., Any], tmp_path: Path
) -> None:
    code, _, dialogue = await setup(
        *("--no-questions", "--uscc", "12140000000000019W", "--unit-name", "示例大学"),
        *("--hub", "http://127.0.0.1:9"),
    )
    assert code == COULD_NOT and "核对网址" in dialogue
    assert not (tmp_path / "home").exists()


async def test_a_units_node_is_not_taken_for_a_hub(
    setup: Callable[..., Any], tmp_path: Path
) -> None:
    async with a_hub() as hub:
        hub.write_root(cosigns=False)
        code, _, dialogue = await setup(
            *("--no-questions", "--uscc", "12140000000000019W", "--unit-name", "示例大学"),
            *("--hub", hub.url),
        )
    assert code == COULD_NOT and "不是省平台" in dialogue
