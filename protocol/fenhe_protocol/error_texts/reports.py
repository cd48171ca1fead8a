"""What goes wrong with reports of the hub."""

from fenhe_protocol.error_texts.text import Text

REPORTS: dict[str, Text] = {
    "report.absent": Text(
        "没有在这个日志位置编制过的报告", "No report was made at this place of the hub's log"
    ),
    "report.early": Text("统计期还没有开始", "The period has not begun"),
    "report.file": Text(
        "不认识的文件类型：.xlsx、.html 或 .json", "Not a type of file: .xlsx, .html or .json"
    ),
    "report.period": Text("统计期写成 2026-11 或 2026", "A period is written 2026-11 or 2026"),
    "report.place": Text(
        "日志位置写成 期-大小，如 1-1234", "A place is written as epoch and size, 1-1234"
    ),
    "report.unsaid": Text(
        "还有办理记录没有写进省平台日志；平台自己会写，过一会儿再编制",
        "Acts wait to be said in the hub's log, which the hub does by itself: try again soon",
    ),
}
