"""The office's registers from the terminal: a list taken, who is late, sheets printed."""

import json
from pathlib import Path

import openpyxl
import pytest

from fenhe_hub.cli import main
from fenhe_hub.office.invitation import STEPS
from fenhe_protocol.terminal import grouped
from tests.hub.houses import new_hub
from tests.hub.test_office_lists import WRONG, book, row
from tests.hub.test_register import A, B

MANUAL = Path(__file__).resolve().parents[2] / "docs/zh-CN/quick-start.md"


def test_a_list_is_taken_and_sheets_are_printed_from_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = new_hub(tmp_path / "hub")
    doubtful, late = row("示例学院", WRONG), row("示例医院", B)
    late[-1] = "2020-01-31"
    file, marked, out = (tmp_path / name for name in ("清单.xlsx", "标注.xlsx", "邀请单.html"))
    file.write_bytes(book([row("示例大学", A), doubtful, late]))

    def run(*arguments: object) -> tuple[int, str]:
        code = main(["--home", str(hub.home.path), *map(str, arguments)])
        return code, capsys.readouterr().out

    assert run("take-list", "obliged", file, "--dry-run")[0] == 4
    assert json.loads(run("obliged", "--json")[1])["units"] == []
    code, said = run("take-list", "obliged", file, "--marked", marked, "--json")
    told = json.loads(said)
    assert (code, told["new"], told["refused"]) == (4, [A, B], 1)
    assert told["problems"][0]["column"] == "C"
    assert openpyxl.load_workbook(marked)["Sheet"]["C4"].comment
    _, said = run("take-list", "obliged", file)
    assert "新增 0, 改动 0, 不变 2" in said and "清单.xlsx · Sheet · C4" in said
    told = json.loads(run("obliged", "--state", "late", "--json")[1])
    assert [unit["uscc"] for unit in told["units"]] == [B]
    assert int(told["units"][0]["days_late"]) > 365
    assert run("invite", "--out", out)[0] == 1
    code, said = run("invite", A, B, "--out", out)
    page = out.read_text(encoding="utf-8")
    assert code == 0 and page.count('<section class="sheet"') == 2
    assert all(group in page for group in grouped(hub.fingerprint).split())
    assert "<style>" in page and "/console.css" not in page


def test_the_steps_on_the_sheet_are_those_of_the_quick_start() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    commands = [step.command for step in STEPS if step.command]
    assert commands
    for command in commands:
        assert command.split("*")[0] in manual, command
