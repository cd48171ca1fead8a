"""All hits of a query as sets of rows, chunk by chunk; a page of them is `search`'s. See `hits`."""

import sqlite3
from collections.abc import Iterator

from fenhe_hub.index.frequent import WORD, frequent_words
from fenhe_hub.index.grams import matching, words
from fenhe_hub.index.row_sets import set_of
from fenhe_hub.index.walk import walk

_ALL = -1  # every bit is set


def hits(db: sqlite3.Connection, query: str, chunks: range) -> Iterator[tuple[int, int]]:
    """(chunk, the set of hits in it); of a query without words every bit is set."""
    asked = words(query)
    ready = set(frequent_words(db)).intersection(asked)
    match = matching([word for word in asked if word not in ready])
    for chunk, found in walk(db, match, chunks) if match else ((c, _ALL) for c in chunks):
        for word in ready:
            found &= set_of(db, chunk, (WORD, word))
        if found:
            yield chunk, found
