"""Words that stand in very many records: their hits are kept ready as sets. See `choose_words`.

The full text's walk takes the longest where nearly everything is a hit; there a set is the answer.
Which words are so frequent is found in a sample, each time that the catalogue has doubled; from
then on every change of a record keeps their sets up. What is chosen bears on time alone: a word
without a set has the same hits.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from fenhe_hub.index.grams import LINE, matching
from fenhe_hub.index.row_sets import CHUNK, flip, set_of
from fenhe_hub.index.rows import end_of_rows
from fenhe_hub.index.walk import walk

WORD = "word"
"""The facet whose values are the frequent words."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS frequent(word TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS frequent_of(one INTEGER PRIMARY KEY, rows INTEGER)",
)

_MOST = 32
_ENTERS, _STAYS = 1 / 3, 1 / 6  # of the sample
_SAMPLE = 128  # records
_LONGEST = 4  # characters of Chinese; letters and digits are taken as they stand
_RUN = re.compile(r"[0-9a-z]+|[^\x00-\x7f]+")


def frequent_words(db: sqlite3.Connection) -> list[str]:
    """The words whose sets are kept."""
    return [word for (word,) in db.execute("SELECT word FROM frequent")]


def choose_words(db: sqlite3.Connection) -> None:
    """Choose anew if the catalogue has doubled, within the caller's transaction."""
    end = end_of_rows(db)
    found = db.execute("SELECT rows FROM frequent_of").fetchone()
    if end < 2 * (found[0] if found else _SAMPLE):
        return
    before = set(frequent_words(db))
    after = _chosen(list(_sample(db, end)), before)
    for word in before - after:
        db.execute("DELETE FROM marked WHERE facet=? AND value=?", (WORD, word))
        db.execute("DELETE FROM frequent WHERE word=?", (word,))
    for word in after - before:
        for chunk, rows in walk(db, matching([word]), range(-(-end // CHUNK))):
            flip(db, chunk, (WORD, word), rows)
        db.execute("INSERT INTO frequent VALUES(?)", (word,))
    db.execute("INSERT OR REPLACE INTO frequent_of VALUES(1,?)", (end,))


def drop_unused(db: sqlite3.Connection, words: Iterable[str]) -> None:
    """Drop those that stand in no record any more: nothing stays of a text that is erased."""
    chunks = range(-(-end_of_rows(db) // CHUNK))
    for word in words:
        if not any(set_of(db, chunk, (WORD, word)) for chunk in chunks):
            db.execute("DELETE FROM frequent WHERE word=?", (word,))


def _sample(db: sqlite3.Connection, end: int) -> Iterator[str]:
    """The texts of some records, evenly spread."""
    step = -(-end // _SAMPLE)
    for row_no in range(0, end, step):
        found = db.execute(
            "SELECT name, rest FROM search_text WHERE row_no >= ? AND row_no < ? LIMIT 1",
            (row_no, row_no + step),
        ).fetchone()
        if found is not None:
            yield LINE.join(found)


def _chosen(sample: Sequence[str], before: set[str]) -> set[str]:
    counted: Counter[str] = Counter()
    for text in sample:
        counted.update(_candidates(text))
    return {
        word
        for word, count in counted.most_common(_MOST)
        if count > len(sample) * (_STAYS if word in before else _ENTERS)
    }


def _candidates(text: str) -> set[str]:
    """What someone may look for."""
    found = set()
    for run in _RUN.findall(text):
        if run.isascii():
            found.add(run)
        else:
            sizes = range(1, _LONGEST + 1)
            found |= {run[i : i + size] for size in sizes for i in range(len(run) - size + 1)}
    return found
