from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

from fenhe_hub.index.tables import open_index

MAKERS = 6


def test_several_may_make_the_index_at_once(tmp_path: Path) -> None:
    for turn in range(5):
        ready = Barrier(MAKERS)

        def make(_: int, file: Path = tmp_path / f"{turn}.sqlite", ready: Barrier = ready) -> int:
            ready.wait()
            with closing(open_index(file)) as db:
                size: int = db.execute("SELECT size FROM fed").fetchone()[0]
                return size

        with ThreadPoolExecutor(MAKERS) as pool:
            assert list(pool.map(make, range(MAKERS))) == [0] * MAKERS
