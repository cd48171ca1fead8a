from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.store import Store, receipts
from fenhe_node.store.receipts import Cosigned
from fenhe_protocol.root_document import cosigner_name
from tests.node.a_hub import HUB

COSIGNER = cosigner_name(HUB)
notes = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=12)


@given(notes)
def test_what_is_kept_answers_as_all_notes_would(seen: list[tuple[int, int]]) -> None:
    with Store.open(Path(":memory:")) as store:
        for size, time in seen:
            receipts.keep(store, Cosigned("catalogue", COSIGNER, size, time, "", b""))
        for index in range(10):
            times = [time for size, time in seen if size > index]
            kept = receipts.covering(store, "catalogue", index)
            assert [each.time for each in kept] == ([min(times)] if times else [])
