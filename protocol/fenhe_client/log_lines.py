"""What a serving program writes down of its work: a line for people, or one JSON object a line.

Start at `write_logs`. A record may bring `extra={"facts": {...}}`; an error of ours among its
arguments tells its code, place and what was expected. Whatever strangers put into a line, it stays
one line without control characters; only a traceback goes over several, and not as JSON.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Literal

from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import FenheError
from fenhe_protocol.settings import setting

LogForm = Literal["text", "json"]


def log_form() -> Any:
    """A LogForm: how a program's `config.yaml` says what its log looks like."""
    return setting(
        default="text",
        zh="运行日志的样子：text 给人看；json 每行一个对象，给日志系统",
        en="what the log on stderr looks like: text for people, json for programs",
    )


def write_logs(form: LogForm) -> None:
    """Write from now on in this form to standard error, in place of any form before."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


class TextLines(logging.Formatter):
    """`WARNING fenhe_hub.visiting.sync message name=value`; the time is the journal's."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line, and a traceback below it."""
        facts = [f"{name}={value}" for name, value in _facts(record).items()]
        line = " ".join([record.levelname, record.name, record.getMessage(), *facts])
        trace = _trace(self, record)
        return "\n".join([_inert(line), *map(_inert, trace.splitlines())])


class JsonLines(logging.Formatter):
    """`{"time":…,"level":…,"logger":…,"message":…}`; facts, error and trace where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one object."""
        errors = [each for each in _arguments(record) if isinstance(each, FenheError)]
        members: dict[str, Any] = {
            "time": format_time(int(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _inert(record.getMessage()),
            "facts": _facts(record),
            "error": errors[0].problem() if errors else {},
            "trace": _trace(self, record),
        }
        told = {name: value for name, value in members.items() if value}
        return json.dumps(told, ensure_ascii=True, default=str)


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    facts: Mapping[str, object] = getattr(record, "facts", {})
    return facts


def _arguments(record: logging.LogRecord) -> tuple[object, ...]:
    return record.args if isinstance(record.args, tuple) else ()


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""


def _inert(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
