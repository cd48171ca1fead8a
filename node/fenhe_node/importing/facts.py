"""What an import came to as one JSON value: the same for `import --json` and for scripts."""

from typing import Any

from fenhe_node.importing.file import ImportReport


def import_facts(done: ImportReport) -> dict[str, Any]:
    """Everything that was said of an import, for programs."""
    return {
        "number": done.number,
        "file": done.file,
        "sha256": done.sha256,
        "kind": done.kind,
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
