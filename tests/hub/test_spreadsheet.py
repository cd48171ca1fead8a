import csv
import io
from collections.abc import Iterator

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.api import http
from fenhe_hub.api.spreadsheet import inert, write_spreadsheet
from tests.hub.index_builder import MadeHub, build_hub
from tests.hub.mouth import API, fetch, refuse, serving

# What spreadsheet programs take for the start of a formula or of a command.
ACTING = "=+-@\t\r"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    return build_hub(tmp_path_factory.mktemp("hub"))


@given(text=st.one_of(TEXTS, TEXTS.map(lambda text: f"={text}"), TEXTS.map(lambda t: f" @{t}")))
def test_no_cell_of_a_csv_file_can_act(text: str) -> None:
    raw = write_spreadsheet("csv", ["名称"], [[text]])
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["名称"]
    (cell,) = rows[1] or [""]
    assert not cell.lstrip(" ").startswith(tuple(ACTING))
    assert cell.removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize("before", ["", " ", "\u3000", "\ufeff", "\u200b", "\x00", "\u202e \xa0"])
@pytest.mark.parametrize("sign", "=+-@|%＝＋－＠")
def test_nothing_unseen_hides_what_might_act(before: str, sign: str) -> None:
    assert inert(f"{before}{sign}cmd") == f"'{before}{sign}cmd"
    assert inert(f"A{before}{sign}cmd") == f"A{before}{sign}cmd"


@given(text=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), max_size=12))
def test_every_text_in_a_workbook_is_a_text(text: str) -> None:
    raw = write_spreadsheet("xlsx", ["名称", "数"], [[f"={text}", 3]])
    book = openpyxl.load_workbook(io.BytesIO(raw))
    first, second = list(book.worksheets[0].rows)[1]
    assert (first.data_type, first.value) == ("s", f"={text}")
    assert second.value == 3


def test_numbers_stay_numbers_and_nothing_stays_nothing() -> None:
    assert inert(-5) == -5
    assert inert(None) is None


def rows_of(raw: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("/resources", {}, 45),
        ("/resources", {"q": "显微", "limit": "1"}, 14),
        ("/units", {}, 4),
        ("/records", {"unit": "12140000000000019W"}, 43),
        ("/findings", {"state": "all"}, 6),
        ("/units/121400000000000039/refusals", {}, 2),
    ],
)
async def test_a_list_is_exported_whole_with_labels(
    made: MadeHub, path: str, query: dict[str, str], count: int
) -> None:
    async with serving(made.reading) as client:
        answer, raw = await fetch(client, API + path, format="csv", **query)
        assert answer.content_type == "text/csv"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert len(list(rows_of(raw))) == count
        _, raw = await fetch(client, API + path, format="xlsx", **query)
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
    assert sheet.max_row == count + 1


async def test_codes_are_exported_as_words(made: MadeHub) -> None:
    async with serving(made.reading) as client:
        _, raw = await fetch(client, f"{API}/resources", format="csv", q="核磁共振")
    row = next(rows_of(raw))
    assert row["原值区间 value band"] == "200 万元及以上"
    assert row["分类 class"] == "核磁共振波谱仪"
    assert row["类别 kind"] == "科学仪器设备"
    assert row["来源状态 state of the feed"] == "正常"
    assert row["来源最近确认 last confirmed"] == "2026-11-23T09:57:00+08:00"


async def test_a_list_that_is_too_long_is_refused_and_not_cut(
    made: MadeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_ROWS", 10)
    async with serving(made.reading) as client:
        status, problem = await refuse(client, "/resources", format="csv")
    assert (status, problem["code"]) == (400, "api.too-many")
