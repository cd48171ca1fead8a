"""The public pages as files for any web server, beside each other with relative links.

Start at `export_site`. The same templates, the same words; a search is an index by letters and
classes, a form is a link to the node where it listens. Every table lies beside its page as .xlsx,
every record as JSON, PIDINST, DataCite and proof, the whole list as `records.json`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from fenhe_client.stored.folder_swap import replace_folder
from fenhe_node.pages.citing import datacite
from fenhe_node.pages.index_pages import Index, IndexPage, index_pages, page_file
from fenhe_node.pages.list_page import export_rows, filled, listed, rows_of
from fenhe_node.pages.listing import Query, find
from fenhe_node.pages.site import ExportedSite, file_name
from fenhe_node.pages.unit_pages import (
    feedback_page,
    fees_page,
    fees_rows,
    unit_page,
    usage_page,
    usage_rows,
)
from fenhe_node.published import Catalogue, Published, checkpoints, read_catalogue
from fenhe_node.web.export import workbook
from fenhe_node.web.files import read_file
from fenhe_node.web.pages import site_of, today
from fenhe_node.web.proofs import prove
from fenhe_node.web.record import busy_text, cited, record_context
from fenhe_node.web.record_forms import pidinst_text
from fenhe_node.web.serving import Serving
from fenhe_protocol.errors import InputError

MARK = ".fenhe-site"  # a folder that holds it was exported, and may be replaced
Files = Iterator[tuple[str, bytes]]


def export_site(serving: Serving, folder: Path) -> int:
    """Replace `folder` by the site as it is now; how many files. InputError `site.folder`."""
    check_folder(folder)
    catalogue = read_catalogue(serving.home.public)
    return replace_folder(folder, _Export(serving, catalogue).files())


def refresh_site(serving: Serving, folder: Path) -> bool:
    """Export again if anything was published since, or on another day; whether it was."""
    try:
        same = (folder / MARK).read_text(encoding="utf-8") == _mark(serving)
    except OSError:
        same = False
    if not same:
        export_site(serving, folder)
    return not same


def check_folder(folder: Path) -> None:
    """Refuse a folder with anything in it that was not exported."""
    there = folder.is_dir() and any(folder.iterdir())
    if (there and not (folder / MARK).is_file()) or (folder.exists() and not folder.is_dir()):
        raise InputError("site.folder", where=str(folder))


class _Export:
    """One export: everything is rendered from one state of the catalogue."""

    def __init__(self, serving: Serving, catalogue: Catalogue) -> None:
        self._serving, self._catalogue = serving, catalogue
        self._mark = _mark(serving)
        site = site_of(serving, catalogue)
        known = {each.name: getattr(site, each.name) for each in fields(site)}
        # A form needs somebody who listens.
        takes = site.takes_orders and bool(serving.config.listen)
        self._site = ExportedSite(**known | {"takes_orders": takes})

    def files(self) -> Files:
        """Every file by its path."""
        yield MARK, self._mark.encode()
        yield from self._looks()
        yield from self._index()
        yield from self._sections()
        for record in listed(self._catalogue):
            yield from self._record(record)
        yield "records.json", self._whole_list()

    def _looks(self) -> Files:
        looks = self._serving.looks
        yield "style.css", looks.style.encode()
        if looks.logo:
            yield looks.logo, looks.logo_data
        records = self._catalogue.records.values()
        named = {name for record in records for name in _file_names(record.fields)}
        for name in sorted(named & self._site.files):
            data = read_file(self._serving.home.files, name)
            if data is not None:
                yield f"files/{name}", data

    def _index(self) -> Files:
        tables = self._serving.tables
        index = index_pages(listed(self._catalogue), tables.get("instrument-classes", {}))
        for page in index.pages:
            yield f"{page.file}.html", self._render("index.html", self._index_context(index, page))
        found = find(listed(self._catalogue), Query())
        yield "export.xlsx", workbook(export_rows(found, self._serving.schemas, tables))

    def _index_context(self, index: Index, page: IndexPage) -> dict[str, Any]:
        serving, site = self._serving, self._site
        rows = rows_of(
            page.records, self._catalogue, serving.schemas, serving.tables, site, today(serving)
        )
        more = page.number < page.pages
        return {
            "section": "",
            "title": page.title,
            "here": page.title,
            "rows": rows,
            "filled": filled(rows),
            "total": page.total,
            "number": page.number,
            "pages": page.pages,
            "letters": [(name, site.page(file), count) for name, file, count in index.letters],
            "classes": [(name, site.page(file), count) for name, file, count in index.classes],
            "before": site.page(page_file(page, page.number - 1)) if page.number > 1 else "",
            "after": site.page(page_file(page, page.number + 1)) if more else "",
        }

    def _sections(self) -> Files:
        catalogue, serving = self._catalogue, self._serving
        schemas, tables, every = serving.schemas, serving.tables, Query()
        fees = fees_page(catalogue, every, schemas, today(serving))
        yield "fees.html", self._render("fees.html", fees)
        if fees["standards"]:
            yield "fees.xlsx", workbook(fees_rows(fees["standards"]), "收费标准")
        usage = usage_page(catalogue, every, schemas, self._site, per_page=len(catalogue.records))
        yield "usage-summary.html", self._render("usage.html", usage)
        if usage["uses"]:
            rows = usage_rows(usage["table"].titles, usage["uses"])
            yield "usage-summary.xlsx", workbook(rows, "使用情况")
        yield "unit.html", self._render("unit.html", unit_page(catalogue, schemas, tables))
        said = feedback_page(catalogue, schemas, tables)
        yield "feedback.html", self._render("feedback.html", said)

    def _record(self, record: Published) -> Files:
        serving, site = self._serving, self._site.below()
        stem = f"record/{file_name(record.kind, record.id)}"
        context = record_context(serving, self._catalogue, site, record)
        yield f"{stem}.html", self._render("record.html", context, site)
        yield f"{stem}.json", record.body
        yield f"{stem}.tlog-proof", prove(serving, record)
        if record.kind == "instrument":
            named = cited(record, self._catalogue, serving, site)
            yield f"{stem}.pidinst.json", pidinst_text(named).encode()
            yield f"{stem}.datacite.xml", datacite(named).encode()
            if context["busy_calendar"]:
                yield f"{stem}.ics", busy_text(serving, record).encode()

    def _whole_list(self) -> bytes:
        unit = self._catalogue.unit()
        records = [dict(record.fields) for record in self._catalogue.records.values()]
        whole = {
            "unit": dict(unit.fields) if unit else {"unit": self._serving.config.uscc},
            "signed_at": self._site.signed_at,
            "size": self._catalogue.size,
            "records": records,
        }
        return json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"

    def _render(
        self, template: str, context: Mapping[str, Any], site: ExportedSite | None = None
    ) -> bytes:
        found = self._serving.templates.get_template(template)
        return found.render(site=site or self._site, **context).encode()


def _mark(serving: Serving) -> str:
    """Names what is exported: what was signed last, and the day by which fees are in force."""
    signed = b"".join(file.read_bytes() for file in checkpoints(serving.home.public))
    return f"{hashlib.sha256(signed).hexdigest()} {today(serving)}\n"


def _file_names(fields: Mapping[str, Any]) -> Iterable[str]:
    """The last parts of all addresses that a record names, at its top or one level below."""
    for value in fields.values():
        inner = value.values() if isinstance(value, dict) else (value,)
        yield from (str(each).rpartition("/")[2] for each in inner if isinstance(each, str))
