"""`import --look` says what an import would do and does nothing; `--list` names the list."""

from pathlib import Path

import pytest

from fenhe_node.cli import main
from fenhe_node.store import Store, imports, records
from tests.node.homes import new_node
from tests.node.lists import GOOD, HEADERS, write_csv
from tests.node.test_sheets_chosen import ONE, TWO
from tests.node.workbooks import write


def test_a_look_changes_nothing_and_a_list_keeps_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = new_node(tmp_path / "home")
    home = ["--home", str(node.home.path)]
    first = write_csv(tmp_path / "台账2025.csv", [HEADERS, *GOOD])
    assert main([*home, "import", str(first), "--look"]) == 0
    assert "没有收下" in capsys.readouterr().out
    with Store.open(node.home.store) as store:
        assert records.ids(store, "instrument") == frozenset() and imports.runs(store) == ()
    assert main([*home, "import", str(first), "--list", "台账"]) == 0
    second = write_csv(tmp_path / "台账2026.csv", [HEADERS, *GOOD[:2]])
    assert main([*home, "import", str(second), "--list", "台账", "--look"]) == 0
    assert "不见了 vanished 1" in capsys.readouterr().out
    with Store.open(node.home.store) as store:
        assert len(records.ids(store, "instrument")) == 3


def test_one_mapping_is_not_saved_of_two_lists_and_then_neither_is_taken_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = new_node(tmp_path / "home")
    path = write(tmp_path / "台账.xlsx", "xlsx", [ONE, TWO])
    told = ["--home", str(node.home.path), "import", str(path)]
    saving = [*told, "--save-mapping", str(tmp_path / "对应表.yaml")]
    assert main(saving) != 0
    assert "--sheet" in capsys.readouterr().err
    with Store.open(node.home.store) as store:
        assert imports.runs(store) == ()
    assert main([*saving, "--sheet", "一院"]) == 0
    assert "kind: instrument" in (tmp_path / "对应表.yaml").read_text(encoding="utf-8")
