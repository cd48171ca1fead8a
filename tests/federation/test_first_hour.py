"""The one-page quick start, done to the letter: from nothing to a receipt, then what was refused.

The national template with 40 rows of which 9 are wrong: 31 go out, 9 are mended in the marked
workbook. The answers typed are those that the page names.
"""

import io
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fenhe_node.backing_up.manifest import find_backup
from fenhe_node.home import Home
from fenhe_node.node import open_node
from tests.federation.forty import ROWS, WRONG, forty, mend
from tests.federation.manual import Reader, Step, steps_of
from tests.federation.province import Province, province_in
from tests.node.test_national_template import TEMPLATE
from tests.patience import until
from tests.sources import ROOT

pytestmark = pytest.mark.skipif(
    not TEMPLATE.is_file(), reason="the national platform's templates are not here (shared/data)"
)
PAGE = (ROOT / "docs/zh-CN/quick-start.md").read_text(encoding="utf-8")
ANSWERS = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
OUT = ROWS - len(WRONG)


def questions() -> list[tuple[str, str]]:
    """What the screen asks by the page, and what is typed: the last thing in `…`, or nothing."""
    rows = [row for row in ANSWERS if row[0] not in ("屏幕上问", "---")]
    return [(question, (re.findall("`([^`]+)`", told) or [""])[-1]) for question, told in rows]


@contextmanager
def enrolling(province: Province, home: Home) -> Iterator[None]:
    """The hub's operator at the telephone: enrols the unit as soon as it has something to send."""

    def enrol() -> None:
        until(lambda: (home.path / "config.yaml").is_file() and published(home))
        hub = ("fenhe-hub", "--home", str(province.home("hub")), "enrol")
        mark = open_node(home.path).fingerprint
        province.programs.answer(
            *hub, "--root-file", str(home.public / "root/1"), "--fingerprint", mark
        )

    operator = threading.Thread(target=enrol)
    operator.start()
    try:
        yield
    finally:
        operator.join()


def published(home: Home) -> bool:
    return b"\n32\n" in (home.public / "catalogue/checkpoint").read_bytes()


def ours(steps: list[Step]) -> list[Step]:
    """Without the commands of the system."""
    return [step for step in steps if step.command.startswith("fenhe")]


def test_a_new_user_goes_by_the_page_from_nothing_to_a_receipt_and_mends_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        home = Home(province.home("u1"))
        reader = Reader(
            {
                "/var/backups/fenhe-node": str(tmp_path / "backups"),
                "fenhe-node ": f"fenhe-node --home {home.path} ",
                "/srv/fenhe": str(tmp_path),
                "https://hub.example/fenhe": province.url("hub"),
                "58d3": province.fingerprint[-4:],
            }
        )
        forty(tmp_path / "equipment.xls")
        setup, *rest = ours(steps_of(PAGE))
        typed = "".join(f"{reader.here(answer)}\n" for _, answer in questions())
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        with enrolling(province, home):
            said = reader.follow(setup)
        at = 0
        for question, _ in questions():
            assert question in said[at:], (question, said[at:])
            at = said.index(question, at) + 1
        assert f"收下 taken {OUT}, 退回 refused {len(WRONG)}" in said
        assert f"回执 {OUT + 1}/{OUT + 1} 条" in said and "全部完成, 回执在手" in said
        mend(tmp_path / "equipment-标注.xlsx")
        monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
        imported, _, stands, kept = [reader.follow(step) for step in rest]
    assert f"收下 taken {ROWS}, 退回 refused 0" in imported
    assert "密钥 keys: " in kept and find_backup(tmp_path / "backups")
    assert re.search(rf"catalogue +{ROWS + 1} +{ROWS + 1} ✔", stands)
