"""Search over 100,000 and 1,000,000 instruments against a LIKE scan of the very same texts.

`python -m tests.bench.search INSTRUMENTS` measures one round by itself.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from deploy.demo.invented import MAKERS, TYPES
from fenhe_hub.index import search, searchable
from fenhe_hub.index.facets import facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.grams import normalise, words
from fenhe_hub.index.read import records_of
from fenhe_hub.index.searchable import Searchable
from fenhe_hub.index.tables import create_index
from tests.bench.machine import percentile

SIZES = (100_000, 1_000_000)
PAGE = 20
_OF_A_UNIT = 333
_CITIES = ("太原市", "大同市", "阳泉市", "长治市", "晋城市", "朔州市", "晋中市", "运城市")
_BANDS = ("from_200", "from_50", "from_20", "under_20")
_STATES = ("normal", "normal", "normal", "fault")
_AT_ONCE = 9_990  # instruments of thirty units a transaction
QUERIES = (
    "电子",
    "质谱",
    "光谱",
    "显微",
    "示例",
    "材料",
    "电子显微",
    "原子吸收",
    "流式细胞",
    "热重分析",
    "SL-TEM",
    "sl-xrd9",
    "200kV",
    "氢谱400",
    "X射线",
    "DNA测序",
    "1090u",
    "精密仪器 质谱",
    "化学 分析",
    "不存在的词",
)


@dataclass(frozen=True)
class SearchFigures:
    """Milliseconds of one round: each query by the full text and by the scan."""

    pages: list[float]  # 20 hits with their records
    whole: list[float]  # with the count and all facets
    scans: list[float]

    @property
    def p99(self) -> float:
        """The slowest page but one in a hundred."""
        return percentile(self.pages, 0.99)

    @property
    def whole_p99(self) -> float:
        """The same with count and facets."""
        return percentile(self.whole, 0.99)

    @property
    def scan_p50(self) -> float:
        """The median scan."""
        return statistics.median(self.scans)


def build(folder: Path, count: int) -> tuple[sqlite3.Connection, float]:
    """Index all instruments; return the database and records a second."""
    db = create_index(folder / f"search-{count}.sqlite")
    made, seconds = instruments(count), 0.0
    while rows := list(islice(made, _AT_ONCE)):
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO resource(unit_no, kind, id, log_no, pub_idx, pub) VALUES(?,?,?,0,0,?)",
            ((row.unit_no, row.kind, row.id, row.pub) for row in rows),
        )
        start = time.perf_counter()
        searchable.index_resources(db, rows)
        seconds += time.perf_counter() - start
        db.execute("COMMIT")
    return db, count / seconds


def instruments(count: int) -> Iterator[Searchable]:
    """Make invented instruments whose texts differ, unit by unit."""
    dice = random.Random(20261123)
    for number in range(count):
        kind, unit_no = dice.choice(TYPES), number // _OF_A_UNIT
        body = {
            "id": f"A-{number:06d}",
            "name_zh": f"{kind.name}（{number % 97}号）",
            "name_en": kind.name_en,
            "model": f"{kind.model}-{number}",
            "manufacturer": dice.choice(MAKERS),
            "function": f"{kind.function}，{dice.choice(TYPES).function}",
            "technical_specification": kind.specification,
            "service_content": kind.service,
        }
        yield Searchable(
            unit_no, "instrument", body["id"], orjson.dumps(body).decode(),
            _CITIES[unit_no % len(_CITIES)], kind.class_code,
            _BANDS[number % len(_BANDS)], _STATES[number % len(_STATES)],
        )  # fmt: skip


def measure(db: sqlite3.Connection) -> SearchFigures:
    """Time each query both ways, in turns, and hold the hits against each other."""
    pages, whole, scans = [], [], []
    for query in QUERIES:
        start = time.perf_counter()
        hits = search.find(db, query, Filters(), limit=PAGE)
        records = records_of(db, ((hit.unit_no, hit.kind, hit.id) for hit in hits))
        pages.append((time.perf_counter() - start) * 1000)
        counted = facets(db, query, Filters())
        whole.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        scanned = scan(db, query)
        scans.append((time.perf_counter() - start) * 1000)
        if len(records) != min(PAGE, len(scanned)) or not {hit.id for hit in hits} <= scanned:
            raise RuntimeError(f"the page of {query} is not of the scan's hits")
        if not counted.total == counted.value_band.total() == len(scanned):
            raise RuntimeError(f"{counted.total} hits of {query} counted, {len(scanned)} scanned")
    return SearchFigures(pages, whole, scans)


def scan(db: sqlite3.Connection, query: str) -> set[str]:
    """Find what a LIKE over the normalised texts finds."""
    terms = words(query)
    condition = " AND ".join("(name || char(10) || rest) LIKE ?" for _ in terms)
    found = db.execute(
        f"SELECT id FROM search_text JOIN searched USING(row_no) WHERE {condition}",
        [f"%{normalise(term)}%" for term in terms],
    )
    return {row[0] for row in found}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="fenhe-bench-") as work:
        made, rate = build(Path(work), int(sys.argv[1]))
        with closing(made) as opened:
            done = measure(opened)
    print(f"{rate:.0f}/s indexed; {done.p99:.1f} ms a page, {done.whole_p99:.1f} ms with facets")
    print(f"{done.scan_p50:.1f} ms a scan: {done.whole_p99 / done.scan_p50:.3f}")
