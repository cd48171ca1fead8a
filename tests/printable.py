"""`python -m tests.printable` writes the quick start as a page that prints on one A4 sheet.

`test_docs` holds the file to the text it is made of.
"""

from markdown_it import MarkdownIt

from tests.sources import ROOT

SOURCE = ROOT / "docs/zh-CN/quick-start.md"
TARGET = ROOT / "docs/zh-CN/quick-start.html"
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
@page {{ size: A4; margin: 11mm 14mm; }}
body {{ margin: 0 auto; padding: 12px; max-width: 182mm; color: #1d2429; background: #fff;
  font: 9.6pt/1.42 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  overflow-wrap: anywhere; }}
h1 {{ font-size: 15pt; margin: 0 0 4pt; color: #0a5a63; }}
p {{ margin: 4pt 0; }}
pre {{ margin: 3pt 0; padding: 3pt 8pt; background: #f5f7f6; border-left: 2pt solid #0a5a63;
  white-space: pre-wrap; }}
code {{ font: 8.8pt/1.4 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }}
table {{ border-collapse: collapse; width: 100%; margin: 3pt 0; }}
th, td {{ border-bottom: 0.5pt solid #dce1e3; padding: 1.5pt 8pt 1.5pt 0; text-align: left;
  vertical-align: top; }}
td:first-child {{ width: 11em; color: #5a656d; }}
a {{ color: inherit; }}
@media print {{ body {{ padding: 0; max-width: none; }} }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def printable() -> str:
    """The page."""
    text = SOURCE.read_text(encoding="utf-8")
    title = text.partition("\n")[0].removeprefix("# ")
    body = MarkdownIt("commonmark").enable("table").render(text)
    return _PAGE.format(title=title, body=body)


if __name__ == "__main__":
    TARGET.write_text(printable(), encoding="utf-8")
    print(TARGET)
