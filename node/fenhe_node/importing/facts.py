"""What an import came to as one JSON value: the same for `import --json` and for scripts."""

from collections.abc import Sequence
from typing import Any

from fenhe_node.importing.file import ImportReport


def import_facts(done: ImportReport) -> dict[str, Any]:
    """Everything that was said of an import, for programs."""
    return {
        "number": done.number,
        "file": done.file,
        "sha256": done.sha256,
        "kind": done.kind,
        "sheet": done.sheet,
        "rows": done.rows,
        "staged": done.staged,
        "refused": done.refused,
        "skipped": len(done.skipped),
        "new": list(done.new),
        "changed": list(done.changed),
        "unchanged": list(done.unchanged),
        "held": list(done.held),
        "vanished": list(done.vanished),
        "deleted": list(done.deleted),
        "problems": [problem.facts() for problem in done.problems],
        "columns": [
            {
                "column": c.column,
                "header": c.header,
                "tier": c.tier,
                "sent": c.sent,
                "why": c.why,
            }
            for c in done.columns
        ],
        "notes": list(done.notes),
    }


def import_facts_of(reports: Sequence[ImportReport]) -> dict[str, Any]:
    """The same of a file with several lists: what they come to, and each under `imports`."""
    if len(reports) == 1:
        return import_facts(reports[0])
    first = reports[0]
    return {
        "file": first.file,
        "sha256": first.sha256,
        "rows": sum(report.rows for report in reports),
        "staged": sum(report.staged for report in reports),
        "refused": sum(report.refused for report in reports),
        "skipped": sum(len(report.skipped) for report in reports),
        "imports": [import_facts(report) for report in reports],
    }
