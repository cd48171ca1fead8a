"""Texts of what can go wrong where lists come by themselves: databases, interfaces, folders."""

from fenhe_protocol.error_texts.text import Text

COLLECTING: dict[str, Text] = {
    "source.driver": Text(
        "缺少这种数据库的驱动程序: 照建议安装", "The driver of this database is not installed"
    ),
    "source.folder": Text(
        "监视的文件夹打不开: 检查路径和权限", "The watched folder cannot be opened"
    ),
    "source.json": Text("来源给的不是所需的 JSON", "The source gave no JSON of the form expected"),
    "source.moving": Text(
        "文件正在被写入: 等它写完", "Somebody writes to the file: wait until it is whole"
    ),
    "source.query": Text("查询不是可用的一条 SELECT", "The query is not one SELECT that will do"),
    "source.secret": Text("口令或令牌不可用", "The password or token cannot be used"),
    "source.shifting": Text(
        "读取时来源一直在变, 没有读全: 稍后再试",
        "The source changed while it was read, and not all was there: try again later",
    ),
    "source.token": Text(
        "导入令牌不对: 用 fenhe-node sources --new-token 换一个",
        "The token for imports is wrong: make another with sources --new-token",
    ),
    "source.unknown": Text("配置中没有这个来源", "The configuration has no such source"),
    "source.unreached": Text(
        "数据库连不上, 或不肯执行查询", "The database cannot be reached, or refused the query"
    ),
}
