"""What is wrong with a unit's lists, with settings, or inside one of the programs."""

from fenhe_protocol.error_texts.text import Text

PROGRAMS: dict[str, Text] = {
    # api: the hub's public interface
    "api.cursor": Text("翻页位置无效", "The cursor is not one of this list"),
    "api.internal": Text("平台内部出错", "Something failed inside the hub"),
    "api.method": Text("此处只能读取", "Only GET and HEAD are answered here"),
    "api.no-operation": Text("接口中没有这个地址", "There is nothing at this address"),
    "api.no-page": Text("没有这个页面", "There is no such page"),
    "api.not-cosigned": Text("这一条还没有回执", "There is no receipt for this leaf yet"),
    "api.not-found": Text("没有，或者不公开", "Not here, or not public"),
    "api.parameter": Text("参数的值不合规定", "The value of a parameter is not allowed"),
    "api.too-many": Text("条数太多，不能导出", "Too many rows for one file: filter the list"),
    "api.unknown": Text("不认识的参数", "The parameter is unknown"),
    # cursor: where a follower stands
    "cursor.form": Text("位置文件无法读取", "The cursor file cannot be read"),
    "cursor.hub": Text("位置文件属于另一个省平台", "The cursor is that of another hub"),
    # delete: records deleted by hand (a node's records)
    "delete.absent": Text(
        "没有这条记录，或已删除", "There is no such record, or it is deleted already"
    ),
    "delete.reason": Text("不认识的删除原因", "The reason for the deletion is unknown"),
    # enrol: who may be enrolled (feed §1)
    "enrol.again": Text(
        "该来源已用另一个指纹登记", "The origin is enrolled under another fingerprint"
    ),
    "enrol.key": Text("该请求密钥已属于另一单位", "The request key belongs to another unit"),
    "enrol.origin": Text(
        "来源名称与已登记的相冲突", "The origin collides with one already enrolled"
    ),
    "enrol.reason": Text("原因不合要求", "The reason is not of the form"),
    "enrol.state": Text(
        "单位现在的登记状态不能这样变更", "The unit does not stand so that this could follow"
    ),
    "enrol.successor": Text("单位不能由自己接替", "A unit cannot stand in for itself"),
    "enrol.unit": Text("该单位已用另一个来源登记", "The unit is enrolled under another origin"),
    "enrol.unknown": Text("没有登记这个单位", "No such unit is enrolled"),
    # erase: records and leaves erased for good (feed §4)
    "erase.absent": Text("本机的日志里没有这条记录", "Our logs say nothing of this record"),
    "erase.nothing": Text("没有可删除的，或已删除", "There is nothing to erase, or it is erased"),
    "erase.place": Text("不是“日志名#序号”的写法", "Not the origin of a log with an index"),
    "erase.range": Text("范围不在日志之内", "The range does not lie within the log"),
    "erase.reason": Text("没有写明原因", "The reason is not given"),
    "erase.stands": Text(
        "这句话仍然有效，不能删除", "What is said there still stands and cannot be erased"
    ),
    "erase.successor": Text(
        "后继记录不能发布，什么也没有删除", "The successor would be refused: nothing was erased"
    ),
    "erase.unknown": Text("镜像里没有这一条", "The mirror has no such leaf"),
    "erase.what": Text("没有写明删除什么", "It is not said what to erase"),
    # follow: a hub followed with one cursor (feed §10)
    "follow.fork": Text("省平台的日志有两段历史", "The log of the hub has two histories"),
    "follow.line": Text(
        "省平台只给本单位的一行与日志中的承诺不符",
        "The line given to this unit alone is not the one its leaf commits to",
    ),
    "follow.missing": Text(
        "省平台日志的一条正文尚未提供", "A body of the hub's log is not there yet"
    ),
    "follow.size": Text("公告的大小与签名的不符", "The announced size is not the signed one"),
    "follow.unregistered": Text(
        "该日志不在省平台的登记册中", "The log is not in the hub's registry"
    ),
    "follow.unwitnessed": Text(
        "见证人一天没有见到省平台日志的新内容",
        "The witness was shown nothing of the hub's log for a day",
    ),
    "follow.withheld": Text(
        "省平台给见证人看的日志比给这里的长", "The hub showed its witness more of its log than us"
    ),
    # forward: what goes to the national platform
    "forward.approver": Text("没有写明谁审核的", "It is not said who approved"),
    "forward.audit": Text("审核状态表的这一行不对", "A row of review states is not of the form"),
    "forward.held": Text("没有暂停它", "It is not held back"),
    "forward.why": Text("没有写明为什么暂停", "It is not said why it is held back"),
    "forward.gone": Text(
        "没有这条本地已无、国家平台还有的记录", "No record that is gone here and still there"
    ),
    "forward.unit": Text("没有这个单位的上报记录", "Nothing of this unit is to be forwarded"),
    "forwarded.form": Text(
        "省平台答复的仪器上报情况格式不对", "What the hub says of instruments is not of the form"
    ),
    # gateway: to whose key a node seals (feed §7)
    "gateway.hold": Text("不是暂停的对象", "Nothing that is or could be held back"),
    "gateway.key": Text("不是可以销毁的钥匙", "Not a key that may be destroyed"),
    "gateway.key-needed": Text(
        "还有服务要用它打开，报完才能销毁",
        "Services that are not forwarded yet are opened by it: forward them first",
    ),
    "gateway.key-used": Text(
        "这些单位还没有改用新钥匙：销毁以后它们封来的谁也打不开",
        "These units have not sealed to a newer key yet: what they still seal to it opens no more",
    ),
    "gateway.listen": Text(
        "网关只在本机地址上答复监控，如 127.0.0.1:8083",
        "The gateway answers monitors on this machine alone, as at 127.0.0.1:8083",
    ),
    "gateway.taken": Text("省平台没有记下已取走的", "The hub did not take note of what was taken"),
    "gateway.hub-tiers": Text(
        "省平台须能保存密封内容，否则没有回执",
        "The hub must be let read what is sealed, or it can give no receipts",
    ),
    "gateway.no-seal": Text(
        "这份根文档里没有密封公钥，不是网关的", "This root document has no key to seal to"
    ),
    # header: the header rows of a unit's list
    "header.absent": Text("表中缺少映射所指的列", "The sheet lacks columns that the mapping names"),
    "header.no-id": Text("没有可用作编号的列", "No column can serve as the id"),
    "header.unknown": Text("没有认得出的表头", "No row could be taken for the header"),
    # home: a node's or hub's folder
    "home.absent": Text("此处没有建好的目录", "There is no finished home here"),
    "home.account": Text(
        "这个目录属于另一个账号: 用那个账号运行",
        "The home belongs to another account: run as that account",
    ),
    "home.busy": Text("另一个进程正在使用数据目录", "Another process is at work in the home"),
    "home.damaged": Text("数据目录不完整", "The home is not complete"),
    "home.exists": Text("此处已有建好的目录", "There is a home here already"),
    "home.not-empty": Text("目录不空，但没有建好", "The folder is not empty, and no finished home"),
    "home.root": Text("数据目录里没有根文档", "The home has no root document"),
    "home.served": Text("已有进程在为该目录提供服务", "The home is being served already"),
    # hub: what a hub answered
    "hub.ahead": Text(
        "省平台上的数据比本节点多: 可能恢复了旧备份, 或另有一份拷贝在发布",
        "The hub holds more than this node has signed: an old backup, or a second copy publishes",
    ),
    "hub.answer": Text("省平台的答复看不懂", "The hub's answer cannot be understood"),
    "hub.ended": Text(
        "省平台已终止的日志还有人接着签: 它的旧密钥多半被盗",
        "The hub's log goes on beyond its end: somebody else signs with its former key",
    ),
    "hub.forked": Text(
        "省平台自己的日志出现两个互相矛盾的版本",
        "The hub's own log was signed in two ways that disagree",
    ),
    "hub.other-tree": Text(
        "省平台上有一个用本单位密钥签名、但不是本节点写的版本",
        "The hub holds a head with this unit's signature that this node never wrote",
    ),
    "hub.quarantined": Text(
        "省平台已隔离本日志: 同一把密钥签了两段历史, 以后的都不收",
        "The hub has quarantined this log: its key signed two histories, and nothing more is taken",
    ),
    "hub.unannounced": Text(
        "已有回执, 但省平台的日志一小时以上没有公告",
        "Cosigned, but not announced in the hub's log for an hour",
    ),
    "hub.unmirrored": Text(
        "已发布一小时以上, 省平台的镜像还没有",
        "Published over an hour ago, and the hub's mirror lacks it",
    ),
    "hub.withholds": Text(
        "省平台签了回执, 镜像里却没有那些正文",
        "The hub has cosigned bodies that its mirror does not show",
    ),
    # import: what a unit imports
    "import.kind": Text("不能导入这种记录", "Records of this kind cannot be imported"),
    # index: the hub's index
    "index.absent": Text("还没有收到任何数据", "Nothing has been received yet"),
    "index.ahead": Text("索引比日志还新，需要重建", "The index is ahead of the log: rebuild it"),
    "index.schemas": Text(
        "索引是按另一版格式判定的，需要重建",
        "The index was judged by other schemas: rebuild it",
    ),
    "index.version": Text(
        "索引由另一版本写成，需要重建", "The index is of another version: rebuild it"
    ),
    # keys: private keys on disk
    "keys.absent": Text("读不到私钥文件", "A private key file cannot be read"),
    "keys.form": Text("私钥文件的内容不对", "A private key file is not of the form"),
    "keys.mode": Text("私钥文件可被他人读取", "A private key file can be read by others"),
    # mapping: which column becomes which field
    "mapping.missing": Text("映射缺少必填项", "The mapping lacks a required member"),
    "mapping.unknown": Text("映射中有不认识的项", "The mapping has an unknown member"),
    "mapping.unreadable": Text("无法读取映射文件", "The mapping file cannot be read"),
    "mapping.value": Text("映射中的值不对", "A value in the mapping is wrong"),
    "mapping.yaml": Text("映射文件不是正确的 YAML", "The mapping file is not good YAML"),
    # prove: one record through a hub
    "prove.answer": Text("省平台的回答不合格式", "The hub's answer is not of the form"),
    "prove.other": Text("证明的不是所问的记录", "What is proven is not what was asked for"),
    "prove.record": Text("记录的写法不对", "Not the name of a record"),
    "prove.unknown": Text("省平台没有这条记录", "The hub does not have this record"),
    # publish: what a node publishes
    "publish.soon": Text("离上次发布不到 10 秒", "The last publish was less than ten seconds ago"),
    # record: the unit's records
    "record.absent": Text("没有这个编号的记录", "There is no record with this id"),
    "record.kinds": Text("几类记录都有这个编号", "Records of several kinds have this id"),
    "record.unpublished": Text("这条记录还没有发布", "This record has not been published"),
    # restore: a home brought back from a mirror or from copies (feed §11)
    "restore.behind": Text(
        "其他人见过更长的历史，这份备份太旧", "Others have seen a longer history than this copy has"
    ),
    "restore.fork": Text(
        "本机与镜像是两段历史，已停止", "What is here and what the mirror holds are two histories"
    ),
    "restore.lost": Text(
        "签过的内容在本机和镜像都没有了", "What was signed last is neither here nor in the mirror"
    ),
    "restore.no-hub": Text("没有可以询问的省平台", "There is no hub to ask"),
    "restore.silent": Text(
        "有单位联系不上，不能核对", "Some units could not be asked what they have seen"
    ),
    "restore.not-ours": Text(
        "密钥目录里没有根文档所列的密钥", "None of the keys here is listed in the root document"
    ),
    # rules: rule sets
    "rules.day": Text("规则里的日期写法不对", "A date in the rule set is not a date"),
    "rules.finding": Text("没有这项认定", "There is no such finding"),
    "rules.form": Text("规则文件不能读取", "The rule set cannot be read"),
    "rules.function": Text(
        "规则引用了不存在的判定函数", "A rule names a function that is not there"
    ),
    "rules.key": Text("规则的条目名称不对", "A rule has unknown or missing members"),
    "rules.lost": Text(
        "当时所用的规则集不在平台目录里", "The rule set that was used then is not in the hub's home"
    ),
    "rules.value": Text("规则里的参数写法不对", "A parameter of a rule has the wrong form"),
    # serve: serving
    "serve.listen": Text("不能在该地址监听", "Cannot listen on this address"),
    # server: answers to requests
    "server.failed": Text("服务器内部出错", "The server failed"),
    # setup: configuration (settings)
    "setup.heard": Text(
        "听到的指纹和屏幕上的不一样", "The fingerprint that was heard is not the one shown"
    ),
    "setup.form": Text("配置文件不能读取", "The configuration file cannot be read"),
    "setup.key": Text("密钥文件无法读取", "The key file cannot be read"),
    "setup.missing": Text("缺少必填的配置项", "A required setting is missing"),
    "setup.signed": Text(
        "配置与已签名的根文档不一致", "The configuration differs from the signed root document"
    ),
    "setup.token": Text(
        "这个网址只能打开一次：在终端按 Ctrl-C，再运行 setup --browser",
        "This address opens once: press Ctrl-C in the terminal and run setup --browser again",
    ),
    "setup.type": Text("配置项的类型不对", "The setting has the wrong type"),
    "setup.unknown": Text("不认识的配置项", "The setting is unknown"),
    "setup.value": Text("配置项的值不合规定", "The setting's value is not allowed"),
    # sheet: the sheets of a workbook
    "sheet.absent": Text(
        "没有映射所指的工作表", "The workbook lacks the sheet that the mapping names"
    ),
    # soap: what a unit's own system reports by instruInfo
    "soap.json": Text("不是 JSON", "Not JSON"),
    "soap.many": Text("一次报来的记录太多", "Too many records in one call"),
    "soap.records": Text("不是一条或一组记录", "Neither a record nor a list of records"),
    "soap.type": Text("没有这种填报类型", "There is no such type of record"),
    "soap.unit": Text("单位编码不对", "Not the unit's code"),
    "soap.value": Text("应为文字或数字", "Neither text nor a number"),
    "soap.xml": Text("不是 instruInfo 调用", "Not a call of instruInfo"),
    # source: files that a unit imports
    "source.csv": Text("文本表格的引号不成对", "The quotes of the text file do not pair"),
    "source.empty": Text("文件是空的", "The file is empty"),
    "source.encoding": Text("无法确定文字编码", "The encoding of the text is not certain"),
    "source.fields": Text("不是字段和值的列表", "Not a list of fields and values"),
    "source.form": Text("无法作为表格打开", "The file cannot be opened as a workbook"),
    "source.markup": Text("这是网页，不是表格", "This is a web page, not a workbook"),
    "source.size": Text("文件太大", "The file is too large"),
    "source.unreadable": Text("无法读取文件", "The file cannot be read"),
    # store: our own feed files
    "store.absent": Text("缺少本机的日志文件", "A file of our own is absent"),
    "store.damaged": Text("本机的日志文件已损坏", "A file of our own is damaged"),
    "store.failed": Text("数据库读写失败", "The database failed"),
    "store.newer": Text("数据库由更新的版本写成", "The database was written by a newer version"),
    "store.open": Text("无法打开数据库", "The database cannot be opened"),
    "store.read": Text("无法读取文件", "A file cannot be read"),
    "store.write": Text("无法写入文件", "A file cannot be written"),
    # upstream: the national platform
    "upstream.wsdl": Text(
        "国家平台的接口说明里没有所需操作", "The platform's WSDL lacks the operation"
    ),
    # usage: summaries of usage
    "usage.open": Text("统计期还没有结束", "The period has not ended yet"),
    "usage.period": Text("统计期应为年度或季度", "The period is neither a year nor a quarter"),
    "usage.refused": Text(
        "有服务记录被退回，汇总会少算", "Service records were refused, so the sums would fall short"
    ),
    # verify: a leaf verified again on request
    "verify.absent": Text("这里没有日志", "There is no log here"),
    "verify.body": Text("正文已不在", "The body is no longer there"),
    "verify.commitment": Text("正文与承诺不符", "The body is not what the leaf commits to"),
    "verify.inclusion": Text("条目不在所签的目录中", "The leaf is not under the signed head"),
    "verify.unit": Text("正文写着另一个单位", "The body names another unit"),
    # workdays: years added to the calendar
    "workdays.form": Text("工作日历文件不能读取", "The file of working days cannot be read"),
    "workdays.key": Text(
        "工作日历里有不认识或缺少的条目", "The working days have an unknown or missing key"
    ),
    "workdays.value": Text("工作日历里的日子不对", "A day in the working days is wrong"),
}
