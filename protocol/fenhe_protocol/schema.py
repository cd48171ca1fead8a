"""The contract: one schema per kind, judged fast for machines and in sentences for people.

Start at SchemaSet. `schema_fields` has the metadata of fields, `schema_tiers` the derivation of the
tiers, `schema_checks` what JSON Schema cannot say, `schema_versions` what may change from version
to version, `schema_text` and `schema_violations` the words.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import jsonschema_rs

from fenhe_protocol.schema_checks import CHECKS, Test, compile_texts, surely_good_text
from fenhe_protocol.schema_fields import Field, KindSchema, Label, read_kind
from fenhe_protocol.schema_text import Violation
from fenhe_protocol.schema_tiers import WHOLE, merge, split, tier_schema
from fenhe_protocol.schema_versions import check_versions

__all__ = ["WHOLE", "Field", "KindSchema", "Label", "SchemaSet", "Violation", "merge"]


@dataclass(frozen=True, slots=True)
class _Judge:
    """The compiled test of one kind and tier."""

    is_valid: Test
    are_valid: Test
    texts: Test | None
    checks: tuple[Test, ...]

    def accepts(self, value: Mapping[str, Any]) -> bool:
        if not self.is_valid(value):
            return False
        if self.texts is not None and not self.texts(value):
            return False
        for check in self.checks:  # noqa: SIM110 — a loop, for this runs for every body
            if not check(value):
                return False
        return True

    def accepts_all(self, values: Sequence[Mapping[str, Any]], *, good_text: bool) -> bool:
        if not self.are_valid(values):
            return False
        if self.texts is not None and not good_text and not all(map(self.texts, values)):
            return False
        return all(all(map(check, values)) for check in self.checks)


class SchemaSet:
    """All kinds of record that this version knows; of some, the version before is still taken.

    ValueError where what is between two versions must not be: `schema_versions` says what.
    """

    def __init__(
        self, schemas: Iterable[Mapping[str, Any]], previous: "SchemaSet | None" = None
    ) -> None:
        self._kinds = {kind.kind: kind for kind in map(read_kind, schemas)}
        self._previous = previous
        check_versions(self._kinds, previous._kinds if previous else {})
        self._judges: dict[tuple[str, str], _Judge] = {}

    @classmethod
    def load(cls) -> "SchemaSet":
        """Read the schemas that ship with the package; the same object every time."""
        return _load()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of all kinds, sorted."""
        return tuple(sorted(self._kinds))

    def kind(self, name: str) -> KindSchema:
        """Return one kind; KeyError where there is none of that name."""
        return self._kinds[name]

    @property
    def previous(self) -> "SchemaSet | None":
        """The versions before, of those kinds of which one is still taken."""
        return self._previous

    @cached_property
    def current(self) -> "SchemaSet":
        """The same without what is only still taken: who writes a body is held to this."""
        return SchemaSet(kind.schema for kind in self._kinds.values()) if self._previous else self

    @cached_property
    def digest(self) -> str:
        """Hex SHA-256 of all that bodies are judged by here; equal where verdicts must be."""
        before = self._previous.digest if self._previous else ""
        schemas = [self._kinds[kind].schema for kind in self.kinds]
        text = json.dumps([schemas, before], sort_keys=True, ensure_ascii=False)
        return sha256(text.encode()).hexdigest()

    def validates(self, kind: str, tier: str, value: Mapping[str, Any]) -> bool:
        """Tell whether a body read by strict JSON is valid in its tier. The hot path.

        An unknown kind, or a tier that the kind does not have, is never valid.
        """
        judge = self._judges.get((kind, tier)) or self._compile(kind, tier)
        return judge is not None and judge.accepts(value)

    def validates_all(
        self, kind: str, tier: str, values: Sequence[Mapping[str, Any]], raw: bytes
    ) -> bool:
        """Tell whether all are valid; `raw` holds their bytes, whatever stands between them."""
        judge = self._judges.get((kind, tier)) or self._compile(kind, tier)
        return judge is not None and judge.accepts_all(values, good_text=surely_good_text(raw))

    def validated(self, kind: str, tier: str, value: Mapping[str, Any]) -> bool:
        """Tell whether a body was valid under the version before, and that is still taken."""
        return self._previous is not None and self._previous.validates(kind, tier, value)

    def violations(self, kind: str, tier: str, value: Mapping[str, Any]) -> list[Violation]:
        """List every fault of a body, or of a whole record with tier `full`.

        A whole record is also held to the code tables and to what publishing needs. KeyError where
        there is no such kind or tier.
        """
        # What explains costs a third of a program's start, and judging does without it.
        from fenhe_protocol.schema_violations import find_violations

        return find_violations(self._kinds[kind], tier, value)

    def split(
        self, kind: str, record: Mapping[str, Any], *, seal: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Take a whole record apart: tier → body with its envelope; `node` fields go nowhere."""
        return split(self._kinds[kind], record, seal=seal)

    def tier_schema(self, kind: str, tier: str) -> dict[str, Any]:
        """Return the JSON Schema of the bodies of one tier, or of whole records (`full`)."""
        return tier_schema(self._kinds[kind], tier)

    def _compile(self, name: str, tier: str) -> _Judge | None:
        kind = self._kinds.get(name)
        if kind is None or tier not in (*kind.tiers, WHOLE):
            return None
        schema = tier_schema(kind, tier)
        judge = _Judge(
            is_valid=_validator(schema).is_valid,
            are_valid=_validator({"type": "array", "items": schema}).is_valid,
            texts=compile_texts(schema["else"]),
            checks=tuple(CHECKS[check][0] for check in kind.schema.get("x-check", ())),
        )
        self._judges[name, tier] = judge
        return judge


def _validator(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    # The plain engine runs in linear time: no pattern can be made slow by what it is shown.
    return jsonschema_rs.Draft202012Validator(
        dict(schema), validate_formats=True, pattern_options=jsonschema_rs.RegexOptions()
    )


@cache
def _load() -> SchemaSet:
    folder = resources.files("fenhe_protocol") / "schemas"
    before = folder / "previous"
    return SchemaSet(_read(folder), SchemaSet(_read(before)) if before.is_dir() else None)


def _read(folder: Traversable) -> list[dict[str, Any]]:
    files = (file for file in folder.iterdir() if file.name.endswith(".schema.json"))
    return [json.loads(file.read_text("utf-8")) for file in files]
