"""`fenhe verify-proof`: judge a proof file offline, against keys that people compared (feed §9).

It says who signed, which leaf stands where, whose receipt it carries and which bodies it discloses.
A cosigner that is named must have signed: without its line the file proves no receipt.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenhe_client.keys.second_signing import second_line
from fenhe_client.reading.shown_body import shown_body
from fenhe_client.telling import answer
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import date_at, format_time
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import EraseLeaf, Leaf, RecordLeaf
from fenhe_protocol.proof import MOST_BYTES, ProvenRecord, verify_proof
from fenhe_protocol.root_text import is_mirror
from fenhe_protocol.second_line import SecondLine

_LEAVES = {"r": "记录 record", "x": "抹除 erasure", "h": "心跳 heartbeat"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A proof that holds; `withheld` are the tiers that its leaf commits to and it leaves out."""

    record: ProvenRecord
    withheld: tuple[str, ...]
    seconded: bool = False  # the head carries the SM2 line that was asked for

    def members(self) -> dict[str, Any]:
        """As JSON; a body that is not strict JSON stands as its text."""
        head = self.record.checkpoint
        return {
            "origin": head.origin,
            "index": self.record.index,
            "size": head.size,
            "signed_by": head.origin,
            **({"sm2": True} if self.seconded else {}),
            "leaf": kind_of(self.record.leaf),
            "cosigned": [
                {"name": each.name, "time": format_time(each.time), "date": date_at(each.time)}
                for each in self.record.cosignatures
            ],
            "bodies": {tier: shown_body(body) for tier, body in self.record.bodies.items()},
            "withheld": list(self.withheld),
        }


def kind_of(leaf: Leaf) -> str:
    """`r`, `x` or `h` (feed §2)."""
    if isinstance(leaf, RecordLeaf):
        return "r"
    return "x" if isinstance(leaf, EraseLeaf) else "h"


def check_proof(
    raw: bytes,
    key: VerifierKey,
    cosigners: Sequence[VerifierKey] = (),
    second: SecondLine | None = None,
) -> Checked:
    """Verify a proof file of the log that `key` names; Refused as `verify_proof`.

    Also Refused `proof.uncosigned` where one of the `cosigners` has not signed; a `second` line is
    asked for as its reader says.
    """
    keys = [KeyRange(key.public)]
    found = verify_proof(raw, origin=key.name, keys=keys, cosigners=cosigners, second=second)
    signed = {each.name for each in found.cosignatures}
    for cosigner in cosigners:
        if cosigner.name not in signed:
            raise Refused("proof.uncosigned", where=key.name, expected=cosigner.name)
    committed = found.leaf.commitments if isinstance(found.leaf, RecordLeaf) else {}
    withheld = tuple(sorted(committed.keys() - found.bodies.keys()))
    return Checked(found, withheld, second is not None and second.required)


def read_proof(file: Path) -> bytes:
    """The bytes of a proof file; one that is too long is cut where it is refused anyway."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise SetupError("proof.absent", where=str(file), found=str(error)) from error


async def verify_proof_file(options: argparse.Namespace) -> int:
    """`fenhe verify-proof`."""
    second = second_line(tuple(options.sm2), required=True) if options.sm2 else None
    found = check_proof(read_proof(options.file), options.key, options.cosigner, second)
    answer(found.members(), told_checked(found), as_json=options.json)
    return 0


def told_checked(found: Checked) -> str:
    """What the file proves, and what it does not."""
    facts = found.members()
    lines = [
        f"✔ {facts['origin']} 第 {facts['index'] + 1} 条 (index {facts['index']})"
        f" / {facts['size']} · {_LEAVES[facts['leaf']]}",
        f"  签名 signed: {facts['signed_by']}{' · SM2-SM3' if found.seconded else ''}",
        *map(_told_cosigned, facts["cosigned"]),
        *(f"  {tier}: {body.decode('utf-8', 'replace')}" for tier, body in _bodies(found)),
    ]
    if not facts["cosigned"]:
        lines.append(
            "  未给 --cosigner, 只证明单位签名; no cosigner named: the unit's signature alone"
        )
    if found.withheld:
        lines.append(f"  未附 not disclosed: {', '.join(found.withheld)}")
    return "\n".join(lines)


def _told_cosigned(found: dict[str, str]) -> str:
    """A mirror holds what it cosigns; a witness has only seen that it was signed (feed §9)."""
    if is_mirror(found["name"]):
        told = f"{found['name']} {found['time']}, 送达日期 delivered on {found['date']}"
        return f"  回执 receipt: {told}"
    return (
        f"  见证 witnessed: {found['name']} {found['time']}, 指定它的省平台三个工作日内收齐才算送达"
        " delivered then if a hub that names it held all within three working days"
    )


def _bodies(found: Checked) -> list[tuple[str, bytes]]:
    return sorted(found.record.bodies.items())
