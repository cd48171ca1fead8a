"""`/usage`: what each instrument did in a month, entries and corrections by hand, nil reports."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fenhe_node.console.asking import Answer, Asked, Console, GoTo, Page, Routes
from fenhe_node.console.record_fields import offset_text, read, texts_of
from fenhe_node.console.record_form import NAME, Given, controls, problems_by_path, unplaced
from fenhe_node.correcting import KIND, LATE_DAYS, LATE_SECONDS, enter, new_id
from fenhe_node.editing import Hand, state_of
from fenhe_node.pages.wording import say, yuan
from fenhe_node.store import Store, imports, records, services
from fenhe_node.usage import summarise
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError

ASKED = (
    "instrument", "started_at", "ended_at", "effective_minutes", "amount_fen", "samples",
    "user_class", "way", "direction", "rating", "applicant", "applicant_unit", "content",
)  # fmt: skip
"""The fields of the short form; what else a record has stays as it is."""
_SHOWN = ("started_at", "ended_at", "effective_minutes", "amount_fen", "samples", "user_class")
_MOST = 2000


def show(asked: Asked) -> Answer:
    """The instruments of a month, or the services of one of them."""
    month = asked.query.get("month", "") or _today(asked)[:7]
    instrument = asked.query.get("instrument", "")
    before, after = _around(month)
    with Store.open(asked.console.home.store) as store:
        names = _names(store)
        context: dict[str, Any] = {
            "month": month,
            "before": before,
            "after": after,
            "names": names,
            "late_days": LATE_DAYS,
            "quarter": f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}",
            "instrument": instrument,
        }
        if instrument:
            return _services(asked, store, context)
        found = services.by_instrument(store, month, LATE_SECONDS)
        context["months"] = services.months(store)[:24]
        context["refused"] = [r for r in imports.latest(store) if r.kind == KIND and r.refused]
    there = {each.instrument for each in found}
    context |= {
        "found": found,
        "idle": [(id, name) for id, name in names.items() if id not in there],
        "hours": lambda minutes: f"{minutes / 60:.1f}",
        "yuan": yuan,
    }
    return Page("console/usage.html", context)


def _services(asked: Asked, store: Store, context: Mapping[str, Any]) -> Answer:
    found = services.of_month(store, context["month"], context["instrument"], most=_MOST)
    return Page(
        "console/usage_services.html",
        {
            **context,
            "found": found,
            "within": LATE_SECONDS,
            "corrected": services.corrected(store),
            "said": lambda record, name: _say(asked.console, record, name),
            "columns": _titles(asked.console, _SHOWN),
        },
    )


def form(asked: Asked) -> Answer:
    """The form of a new record, or of one to be corrected, with what it was before."""
    id = asked.query.get("id", "")
    console = asked.console
    with Store.open(console.home.store) as store:
        if not id:
            record = {"instrument": asked.query.get("instrument", "")}
            return _form(asked, store, record, "", "")
        old = records.find(store, KIND, id)
        if old is None or old.deleted:
            raise RequestError("request.absent", status=404, found=id)
        return _form(asked, store, old.record, id, state_of(old.record))


def _form(
    asked: Asked,
    store: Store,
    record: Mapping[str, Any],
    id: str,
    seen: str,
    problems: Mapping[str, Sequence[str]] | None = None,
    texts: Mapping[str, Sequence[str]] | None = None,
) -> Answer:
    console = asked.console
    kind = console.schemas.kind(KIND)
    offset = offset_text(console.offset)
    given = Given(texts or texts_of(kind, record, offset), problems or {})
    shown = [each for each in controls(kind, given) if each.path in ASKED]
    shown.sort(key=lambda each: ASKED.index(each.path))
    return Page(
        "console/usage_form.html",
        {
            "id": id,
            "seen": seen,
            "controls": shown,
            "other": unplaced(shown, problems or {}),
            "names": _names(store),
            "formers": services.formers(store, id) if id else [],
            "said": lambda former, name: _say(console, former, name),
            "columns": _titles(console, ASKED),
            "record": record,
            "reason": asked.form.text("reason"),
        },
        422 if problems else 200,
    )


def save(asked: Asked) -> Answer:
    """Keep what was entered; the form again with what is wrong."""
    console, form = asked.console, asked.form
    kind = console.schemas.kind(KIND)
    id, seen = form.text("id"), form.text("seen")
    texts = {name.removeprefix(NAME): form.all(name) for name in form.fields if NAME in name}
    offset = offset_text(console.offset)
    with Store.open(console.home.store) as store:
        old = records.find(store, KIND, id) if id else None
        base = dict(old.record) if old is not None and not old.deleted else {}
        if not seen:
            id = new_id(store, _today(asked))
            base = {"unit": console.node.root.unit, "kind": KIND, "id": id, "capture": "manual"}
        rest = texts_of(kind, base, offset)
        kept = {path: each for path, each in rest.items() if path not in ASKED}
        made = read(kind, {**kept, **_to_the_hour(texts)}, base, offset)
        hand = Hand(
            console.schemas, console.node.root.unit, asked.now, asked.by, form.text("reason")
        )
        problems: Mapping[str, Sequence[str]] = made.problems
        if not problems:
            problems = _kept(store, made.record, hand, seen)
        if problems:
            return _form(asked, store, base, id if seen else "", seen, problems, texts)
    month = str(made.record.get("started_at", ""))[:7]
    said = f"已保存 {id}，发布后省平台才看得到; saved"
    return GoTo(f"/usage?month={month}", said)


def _to_the_hour(texts: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Records tell times to the hour, as lists do: the minutes stay out."""
    return {
        path: [f"{text[:13]}:00" if len(text) == 16 else text for text in given]
        if path.endswith("_at")
        else given
        for path, given in texts.items()
    }


def _kept(
    store: Store, record: Mapping[str, Any], hand: Hand, seen: str
) -> Mapping[str, Sequence[str]]:
    missing = {name: ["必填"] for name in ("instrument", "started_at", "ended_at")
               if name not in record}  # fmt: skip
    if missing:
        return missing
    try:
        saved = enter(store, record, hand, seen=seen)
    except InputError as error:
        return {"reason": [error.text.zh]}
    return problems_by_path(saved.problems)


def close(asked: Asked) -> Answer:
    """Summarise a period: a nil report for every instrument without a service in it."""
    console, period = asked.console, asked.form.text("period")
    with Store.open(console.home.store) as store:
        done = summarise(
            store,
            period,
            schemas=console.schemas,
            unit=console.node.root.unit,
            now=asked.now,
            k=console.node.config.fewest_users,
            by=asked.by,
            anyway=bool(asked.form.text("anyway")),
        )
    said = (
        f"{done.period}: 新 {len(done.new)}, 变 {len(done.changed)}, 不变 {len(done.unchanged)};"
        f" 零报告 {done.nil}, 有格子不公布的 {len(done.withheld)}; summarised"
    )
    return GoTo("/usage", said)


def _names(store: Store) -> dict[str, str]:
    found = records.every(store, kind="instrument")
    return {r.id: str(r.record.get("name_zh", "")) for r in found if not r.deleted}


def _titles(console: Console, names: Sequence[str]) -> list[tuple[str, str]]:
    kind = console.schemas.kind(KIND)
    return [(name, kind.field(name).title_zh) for name in names]


def _say(console: Console, record: Mapping[str, Any], name: str) -> str:
    schema = console.schemas.kind(KIND).schema["properties"][name]
    text = say(schema, record[name], console.tables) if name in record else ""
    return text.replace("T", " ").removesuffix(":00+08:00") if name.endswith("_at") else text


def _today(asked: Asked) -> str:
    return date_at(asked.now, asked.console.offset)


def _around(month: str) -> tuple[str, str]:
    """The months before and after; RequestError for what is none."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise RequestError("request.absent", status=404, found=month) from error
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return before.isoformat()[:7], after.isoformat()[:7]


ROUTES: Routes = (
    ("GET", "/usage", show),
    ("GET", "/usage/record", form),
    ("POST", "/usage/record", save),
    ("POST", "/usage/summary", close),
)
