"""Chains of root documents read over a fetcher."""

import pytest

from fenhe_client.keys.roots import (
    RootsRead,
    first_fingerprint,
    keep_roots,
    read_roots,
    stored_roots,
)
from fenhe_client.stored.files import root_path
from fenhe_protocol import published_keys
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from tests.client.hub_house import ROOT_KEY
from tests.client.memory_files import MemoryFiles
from tests.client.unit_log import KEY, NOW, UNIT, USCC, DictFetcher


def chain(count: int) -> dict[str, bytes]:
    """Root documents 1 to `count`, each a day after the one before."""
    files: dict[str, bytes] = {}
    prev = None
    for n in range(1, count + 1):
        text = compose_root(
            origin=UNIT,
            unit=USCC,
            url=f"https://{UNIT}",
            time=NOW + n * 86_400,
            root=[ROOT_KEY.public],
            logs=[LogKeys("catalogue", (KeyRange(KEY.public),))],
            n=n,
            prev=prev,
        )
        prev = fingerprint(text)
        files[root_path(n)] = sign_root(text, UNIT, [ROOT_KEY])
    return files


FILES = chain(3)
FINGERPRINT = fingerprint(parse_note(FILES["root/1"]).text)


async def read(files: dict[str, bytes], stored: list[bytes] | None = None) -> RootsRead:
    return await read_roots(DictFetcher(files), stored or [], fingerprint=FINGERPRINT, origin=UNIT)


async def test_a_chain_is_read_to_its_end() -> None:
    found = await read(FILES)
    assert (found.document.n, [each.n for each in found.added]) == (3, [1, 2, 3])
    assert found.refused is None


async def test_of_what_is_stored_only_the_newest_is_asked_for_again() -> None:
    fetcher = DictFetcher(FILES)
    stored = [FILES["root/1"], FILES["root/2"]]
    found = await read_roots(fetcher, stored, fingerprint=FINGERPRINT)
    assert fetcher.asked == ["root/3", "root/4", "root/2"]
    assert [each.n for each in found.added] == [3]


async def test_what_was_read_is_kept_and_taken_up() -> None:
    files = MemoryFiles("root")
    keep_roots(files, (await read(FILES)).added)
    assert stored_roots(files) == list(FILES.values())


async def test_a_bad_next_document_changes_only_itself() -> None:
    bad = FILES | {"root/3": FILES["root/2"]}
    found = await read(bad)
    assert found.document.n == 2
    assert isinstance(found.refused, Refused)
    assert found.refused.code == "root.chain"


async def test_a_next_document_that_cannot_be_had_is_told() -> None:
    fetcher = DictFetcher(FILES, lambda path: Deferred("fetch.busy") if "3" in path else None)
    found = await read_roots(fetcher, [], fingerprint=FINGERPRINT)
    assert (found.document.n, type(found.refused)) == (2, Deferred)


async def test_a_key_that_everybody_has_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published_keys, "PUBLISHED", {ROOT_KEY.public})
    with pytest.raises(Refused, match=r"key\.published"):
        await read(FILES)
    found = await read(FILES, [FILES["root/1"]])
    assert (found.document.n, found.refused and found.refused.code) == (1, "key.published")


async def test_another_fingerprint_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        await read_roots(DictFetcher(FILES), [], fingerprint="0" * 64)
    assert caught.value.code == "root.fingerprint"


async def test_without_the_first_document_nothing_is_believed() -> None:
    with pytest.raises(Deferred):
        await read({path: raw for path, raw in FILES.items() if path != "root/1"})


async def test_the_fingerprint_that_the_network_says_is_that_of_document_1() -> None:
    assert await first_fingerprint(DictFetcher(FILES)) == FINGERPRINT
