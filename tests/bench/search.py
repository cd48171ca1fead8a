"""Search over 100,000 instruments against a LIKE scan of the very same texts."""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from deploy.demo.invented import MAKERS, TYPES
from fenhe_hub.index import search, searchable
from fenhe_hub.index.facets import facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.grams import normalise, words
from tests.bench.machine import percentile

INSTRUMENTS = 100_000
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
    """Milliseconds of one round: every page of 20 by the full text, every page by the scan."""

    pages: list[float]
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


def build(folder: Path) -> tuple[sqlite3.Connection, float]:
    """Index all instruments; return the database and records a second."""
    db = sqlite3.connect(folder / "search.sqlite", isolation_level=None)
    searchable.create_tables(db)
    rows = list(instruments(INSTRUMENTS))
    start = time.perf_counter()
    db.execute("BEGIN")
    searchable.index_resources(db, rows)
    db.execute("COMMIT")
    return db, INSTRUMENTS / (time.perf_counter() - start)


def instruments(count: int) -> Iterator[searchable.Searchable]:
    """Make invented instruments whose texts differ."""
    dice = random.Random(20261123)
    for number in range(count):
        kind = dice.choice(TYPES)
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
        yield searchable.Searchable(
            number % 300, "instrument", body["id"], orjson.dumps(body), "太原市", kind.class_code,
            "from_50", "normal",
        )  # fmt: skip


def measure(db: sqlite3.Connection) -> SearchFigures:
    """Time each query both ways, in turns, and hold the hits against each other."""
    pages, whole, scans = [], [], []
    for query in QUERIES:
        start = time.perf_counter()
        hits = search.find(db, query, Filters(), limit=20)
        pages.append((time.perf_counter() - start) * 1000)
        counted = facets(db, query, Filters())
        whole.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        scanned = scan(db, query)
        scans.append((time.perf_counter() - start) * 1000)
        assert {hit.id for hit in hits} <= scanned
        assert counted.total == len(scanned), query
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
