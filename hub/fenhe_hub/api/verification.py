"""Verify one leaf again, now, from the mirror's files, step by step. Start at `verify_leaf`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from fenhe_hub.api.judgement_shapes import Step
from fenhe_hub.api.mirrored import MirroredLeaf
from fenhe_protocol.body import Committer
from fenhe_protocol.checkpoint import OpenedCheckpoint, open_checkpoint
from fenhe_protocol.encoding import b64_encode, b64u_encode, format_time
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import RecordLeaf, parse_leaf
from fenhe_protocol.merkle import leaf_hash, verify_inclusion
from fenhe_protocol.second_line import second_name
from fenhe_protocol.strict_json import loads

StepName = Literal[
    "root", "checkpoint", "cosignature", "entry", "inclusion", "commitment", "record"
]
Detail = Mapping[str, str]

TITLES: dict[StepName, tuple[str, str]] = {
    "root": (
        "单位的密钥文档与登记的指纹相符",
        "the unit's keys follow from its fingerprint",
    ),
    "checkpoint": ("单位签了这份目录的摘要", "the unit signed the head of its log"),
    "cosignature": ("省平台签了回执", "the hub cosigned that head"),
    "entry": ("读出这一条的日志条目", "the leaf is read"),
    "inclusion": ("条目确在所签的目录中", "the leaf is under the signed head"),
    "commitment": ("所示内容与条目中的承诺相符", "what is shown is what the leaf commits to"),
    "record": ("内容属于该单位", "the record is the unit's own"),
}


def verify_leaf(
    leaf: MirroredLeaf, cosigners: Sequence[VerifierKey], witnesses: Sequence[VerifierKey] = ()
) -> tuple[Step, ...]:
    """Take every step until one fails; a leaf without a public body ends after `inclusion`.

    The hub has to have cosigned, by one of `cosigners`; which `witnesses` did as well is told.
    """
    return tuple(_steps(_Verification(leaf, cosigners, witnesses)))


def _steps(run: "_Verification") -> Iterator[Step]:
    for name in TITLES:
        if name in ("commitment", "record") and not run.committed:
            return
        step = _step(name, getattr(run, name))
        yield step
        if not step.ok:
            return


def _step(name: StepName, take: Callable[[], Detail]) -> Step:
    title_zh, title_en = TITLES[name]
    try:
        return Step(name, title_zh, title_en, True, take(), None)
    except (FenheError, ValueError, OSError) as error:
        return Step(name, title_zh, title_en, False, {}, str(error))


class _Verification:
    """The steps in order; each relies on those before it."""

    def __init__(
        self,
        leaf: MirroredLeaf,
        cosigners: Sequence[VerifierKey],
        witnesses: Sequence[VerifierKey],
    ) -> None:
        self._leaf, self._cosigners, self._witnesses = leaf, cosigners, witnesses
        self._opened: OpenedCheckpoint
        self.committed = b""

    def root(self) -> Detail:
        document = self._leaf.root_document()
        self._keys = self._leaf.keys(document)
        return {"fingerprint": self._leaf.unit.root1, "n": str(document.n)}

    def checkpoint(self) -> Detail:
        self._opened = open_checkpoint(
            self._leaf.note,
            origin=self._leaf.log.origin,
            keys=self._keys,
            cosigners=[*self._cosigners, *self._witnesses],
            second=self._leaf.second,
        )
        head = self._opened.checkpoint
        told = {"origin": head.origin, "size": str(head.size), "root": b64_encode(head.root)}
        return told | (
            {"sm2": second_name(self._leaf.unit.origin)} if self._opened.seconded else {}
        )

    def cosignature(self) -> Detail:
        name, found = self._cosigners[0].name, self._opened.cosignatures
        times = [each.time for each in found if each.name == name]
        if not times:
            raise Refused("checkpoint.unsigned", where=name)
        told = {"cosigner": name, "time": format_time(min(times))}
        seen = [f"{each.name} {format_time(each.time)}" for each in found if each.name != name]
        return told | ({"witnesses": "; ".join(seen)} if seen else {})

    def entry(self) -> Detail:
        leaf = parse_leaf(self._leaf.entry, index=self._leaf.index, log=self._leaf.log.name)
        if isinstance(leaf, RecordLeaf):
            self.committed = leaf.commitments.get("pub", b"")
        return {"index": str(self._leaf.index), "hash": leaf_hash(self._leaf.entry).hex()}

    def inclusion(self) -> Detail:
        head, path = self._opened.checkpoint, self._leaf.path
        hashed = leaf_hash(self._leaf.entry)
        if not verify_inclusion(self._leaf.index, head.size, hashed, path, head.root):
            raise Refused("verify.inclusion", where=f"index {self._leaf.index}")
        return {"hashes": str(len(path)), "root": b64_encode(head.root)}

    def commitment(self) -> Detail:
        if (line := self._leaf.line) is None:
            raise Refused("verify.body", where=f"body/pub {self._leaf.index}")
        found = Committer(self._leaf.log.origin, "pub").of_line(line)
        if found != self.committed:
            raise Refused(
                "verify.commitment", expected=b64u_encode(self.committed), found=b64u_encode(found)
            )
        return {"commitment": b64u_encode(found), "salt": line.salt, "bytes": str(len(line.body))}

    def record(self) -> Detail:
        line = self._leaf.line
        body = loads(line.body) if line else {}
        if body.get("unit") != self._leaf.unit.uscc:
            raise Refused("verify.unit", expected=self._leaf.unit.uscc, found=str(body.get("unit")))
        return {name: str(body.get(name)) for name in ("unit", "kind", "id")}
