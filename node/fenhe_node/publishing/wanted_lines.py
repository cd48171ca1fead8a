"""Find the leaves of records in the node's own body files: no index is kept of former states."""

from collections.abc import Iterable, Mapping, Set

from fenhe_client.stored.files import FolderFiles
from fenhe_protocol.body import read_body_file
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import parse_path

Key = tuple[str, str]  # kind, id
READ_TIERS = ("pub", "hub")  # `nat` is sealed: its leaf is found by what else it says


def leaves_of(
    families: Iterable[Mapping[str, FolderFiles]], keys: Set[Key]
) -> dict[Key, list[tuple[str, int]]]:
    """For each of these records the leaves, as (log, index), that say anything of it here."""
    found: dict[Key, set[tuple[str, int]]] = {}
    for logs in families:
        for log, files in logs.items():
            for tier in READ_TIERS:
                for path in sorted(files.paths(f"body/{tier}")):
                    for key, index in lines_of(files.read(path) or b"", parse_path(path).index):
                        if key in keys:
                            found.setdefault(key, set()).add((log, index))
    return {key: sorted(places) for key, places in found.items()}


def lines_of(raw: bytes, block: int) -> Iterable[tuple[Key, int]]:
    """Of which record each line of a body file speaks, and its index."""
    for line in read_body_file(raw, block)[0]:
        fields = loads(line.body)
        yield (fields["kind"], fields["id"]), line.index
