"""What every error code means, in Chinese and English. Sorted by area; one line each if it fits."""

from typing import NamedTuple


class Text(NamedTuple):
    """One sentence in two languages, without a full stop."""

    zh: str
    en: str


TEXTS: dict[str, Text] = {
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
    # body: body lines (feed §3)
    "body.altered": Text("正文与其承诺不符", "A body is not the one that was committed to"),
    # bundle: entry bundles (feed §1, §2)
    "bundle.entry-size": Text("条目太长", "An entry is too long"),
    "bundle.short": Text("条目包不完整", "The entry bundle ends too early"),
    "bundle.trailing": Text("条目包末尾有多余内容", "Something follows the last entry"),
    # checkpoint: the signed head of a log (feed §1, §5)
    "checkpoint.form": Text("不是检查点的格式", "Not of the form of a checkpoint"),
    "checkpoint.origin": Text("检查点属于另一个日志", "The checkpoint belongs to another log"),
    "checkpoint.root": Text("空树只有一个根", "The empty tree has only one root"),
    "checkpoint.size": Text("检查点的大小不合规定", "The checkpoint's size is not allowed"),
    "checkpoint.unsigned": Text(
        "没有登记在册、且适用于该大小的密钥签名", "No key listed for this size has signed"
    ),
    # cosign: cosigning by a hub's mirror
    "cosign.clock": Text("时钟倒退太多，不能联署", "The clock stepped back too far to cosign"),
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
    # epoch: a log ended, and its next epoch begun (feed §11)
    "epoch.confirm": Text("确认的终止处不对", "It does not end there: look again, then confirm"),
    "epoch.log": Text("没有这个在用的日志", "There is no log of this name that goes on"),
    # erase: records and leaves erased for good (feed §4)
    "erase.absent": Text("本机的日志里没有这条记录", "Our logs say nothing of this record"),
    "erase.nothing": Text("没有可删除的，或已删除", "There is nothing to erase, or it is erased"),
    "erase.place": Text("不是“日志名#序号”的写法", "Not the origin of a log with an index"),
    "erase.range": Text("范围不在日志之内", "The range does not lie within the log"),
    "erase.reason": Text("没有写明原因", "The reason is not given"),
    "erase.successor": Text(
        "后继记录不能发布，什么也没有删除", "The successor would be refused: nothing was erased"
    ),
    "erase.unknown": Text("镜像里没有这一条", "The mirror has no such leaf"),
    "erase.what": Text("没有写明删除什么", "It is not said what to erase"),
    # fetch: one file over HTTP (feed §12)
    "fetch.absent": Text("必需的文件不存在", "A required file is absent"),
    "fetch.address": Text("不允许访问这个网络地址", "The network address may not be reached"),
    "fetch.broken": Text("传输中断", "The transfer broke off"),
    "fetch.busy": Text("对方暂时无法应答", "The publisher cannot answer now"),
    "fetch.coding": Text("使用了未要求的内容编码", "A content coding that was not asked for"),
    "fetch.connect": Text("无法连接", "No connection could be made"),
    "fetch.denied": Text("对方不允许读取", "The publisher does not let us read this"),
    "fetch.gzip": Text("gzip 数据不合规定", "The gzip data are not allowed"),
    "fetch.malformed": Text("应答不是合格的 HTTP", "The answer is not well-formed HTTP"),
    "fetch.redirect": Text("不接受重定向", "Redirects are not followed"),
    "fetch.size": Text("文件超过大小限制", "The file is larger than its limit"),
    "fetch.slow": Text("传输太慢", "The transfer is too slow"),
    "fetch.status": Text("不接受的应答状态", "The status of the answer is not accepted"),
    "fetch.timeout": Text("对方没有及时应答", "The publisher did not answer in time"),
    "fetch.tls": Text("TLS 证书或握手不合格", "The TLS certificate or handshake is bad"),
    "fetch.url": Text("网址不合规定", "The web address is not allowed"),
    # follow: a hub followed with one cursor (feed §10)
    "follow.fork": Text("省平台的日志有两段历史", "The log of the hub has two histories"),
    "follow.missing": Text(
        "省平台日志的一条正文尚未提供", "A body of the hub's log is not there yet"
    ),
    "follow.size": Text("公告的大小与签名的不符", "The announced size is not the signed one"),
    "follow.unregistered": Text(
        "该日志不在省平台的登记册中", "The log is not in the hub's registry"
    ),
    # forward: what goes to the national platform
    "forward.approver": Text("没有写明谁审核的", "It is not said who approved"),
    "forward.audit": Text("审核状态表的这一行不对", "A row of review states is not of the form"),
    "forward.held": Text("没有暂停它", "It is not held back"),
    "forward.why": Text("没有写明为什么暂停", "It is not said why it is held back"),
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
    "gateway.taken": Text("省平台没有记下已取走的", "The hub did not take note of what was taken"),
    "gateway.hub-tiers": Text(
        "省平台须能保存密封内容，否则没有回执",
        "The hub must be let read what is sealed, or it can give no receipts",
    ),
    "gateway.no-seal": Text(
        "这份根文档里没有密封公钥，不是网关的", "This root document has no key to seal to"
    ),
    # head: the store of signed heads (feed §9)
    "head.backwards": Text(
        "不能退回较小的大小或换一个根", "A head never goes back and never changes its root"
    ),
    "head.files": Text("已签名的文件不见了", "Files of the signed head are gone"),
    "head.lost": Text(
        "检查点与签名记录对不上：可能恢复过备份", "The checkpoint is not the head signed last"
    ),
    "head.moved": Text("签名记录已被另一个进程改动", "Another process has signed meanwhile"),
    "head.store": Text("签名记录无法读写", "The store of signed heads failed"),
    # header: the header rows of a unit's list
    "header.absent": Text("表中缺少映射所指的列", "The sheet lacks columns that the mapping names"),
    "header.no-id": Text("没有可用作编号的列", "No column can serve as the id"),
    "header.unknown": Text("没有认得出的表头", "No row could be taken for the header"),
    # home: a node's or hub's folder
    "home.absent": Text("此处没有建好的目录", "There is no finished home here"),
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
    "hub.forked": Text(
        "省平台自己的日志出现两个互相矛盾的版本",
        "The hub's own log was signed in two ways that disagree",
    ),
    "hub.other-tree": Text(
        "省平台上有一个用本单位密钥签名、但不是本节点写的版本",
        "The hub holds a head with this unit's signature that this node never wrote",
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
    "index.version": Text(
        "索引由另一版本写成，需要重建", "The index is of another version: rebuild it"
    ),
    # key: public keys and verifier keys (feed §5)
    "key.form": Text("不是规范的公钥", "Not a public key in its canonical form"),
    "key.weak": Text("低阶公钥，任何人都可伪造签名", "A key of low order, which protects nothing"),
    # keys: private keys on disk
    "keys.absent": Text("读不到私钥文件", "A private key file cannot be read"),
    "keys.form": Text("私钥文件的内容不对", "A private key file is not of the form"),
    "keys.mode": Text("私钥文件可被他人读取", "A private key file can be read by others"),
    # log: the history of a log (feed §6, §11)
    "log.absent": Text("本机没有这个日志的检查点", "The checkpoint of this log is not on our disk"),
    "log.ended": Text("该日志已经终止", "The log has ended"),
    "log.entry-differs": Text(
        "重读的旧条目与已存的不同", "An entry read again is not the one that is stored"
    ),
    "log.fork": Text("同一日志有两段历史：已隔离", "The log has two histories: quarantined"),
    "log.quarantined": Text(
        "来源已隔离，等待运维人员处理", "The origin is quarantined until an operator acts"
    ),
    "log.root-differs": Text("条目与签名的根不符", "The entries do not hash to the signed root"),
    "log.tile": Text("所载瓦片与条目不符", "A served tile does not fit the entries"),
    # mapping: which column becomes which field
    "mapping.missing": Text("映射缺少必填项", "The mapping lacks a required member"),
    "mapping.unknown": Text("映射中有不认识的项", "The mapping has an unknown member"),
    "mapping.unreadable": Text("无法读取映射文件", "The mapping file cannot be read"),
    "mapping.value": Text("映射中的值不对", "A value in the mapping is wrong"),
    "mapping.yaml": Text("映射文件不是正确的 YAML", "The mapping file is not good YAML"),
    # mirror: a hub's mirror
    "mirror.body": Text(
        "镜像中缺少索引所指的正文", "A body that the index names is not in the mirror"
    ),
    "mirror.root": Text("镜像里没有该单位的根文档", "The mirror has no root document of this unit"),
    # note: signed notes (feed §5)
    "note.form": Text("不是签名便笺的格式", "Not of the form of a signed note"),
    "note.lines": Text("签名行太多", "Too many signature lines"),
    "note.signature": Text("已知密钥的签名不正确", "The signature of a known key is bad"),
    "note.size": Text("签名便笺太大", "The signed note is too large"),
    # proof: proof files (feed §9)
    "proof.absent": Text("证明文件无法读取", "The proof file cannot be read"),
    "proof.commitment": Text("内容与日志中的承诺不符", "The body is not the one committed to"),
    "proof.form": Text("不是证明文件的格式", "Not of the form of a proof file"),
    "proof.leaf": Text("所证明的不是日志叶", "What is proven is not of the form of a leaf"),
    "proof.path": Text("证明路径不通到签名的根", "The path does not lead to the signed root"),
    "proof.uncosigned": Text(
        "没有指定见证方的回执",
        "A cosigner that was named has not signed: this is no receipt of its",
    ),
    # prove: one record through a hub
    "prove.answer": Text("省平台的回答不合格式", "The hub's answer is not of the form"),
    "prove.other": Text("证明的不是所问的记录", "What is proven is not what was asked for"),
    "prove.record": Text("记录的写法不对", "Not the name of a record"),
    "prove.unknown": Text("省平台没有这条记录", "The hub does not have this record"),
    # publish: what a node publishes
    "publish.soon": Text("离上次发布不到 10 秒", "The last publish was less than ten seconds ago"),
    # push: what units send to a hub (feed §9)
    "push.ahead": Text(
        "省平台收到过比本节点更多的数据: 可能恢复了旧备份, 或另有一份拷贝在发布",
        "The hub knows more than our files hold: an old backup, or a second copy publishes",
    ),
    "push.broken": Text(
        "上传中断、太慢或编码不对", "The upload broke off, or is not of its coding"
    ),
    "push.clock": Text(
        "本机时钟与省平台相差五分钟以上", "Our clock and the hub's differ by over five minutes"
    ),
    "push.coding": Text("不接受这种编码或类型", "This coding or type is not taken here"),
    "push.day": Text("今天收到的条数已到上限", "As many leaves as a day allows have come"),
    "push.erased": Text("该条正文已删除", "The body of this leaf is erased"),
    "push.later": Text("现在不能收下，请稍后再试", "It cannot be taken now: try again later"),
    "push.leaf": Text("目录中还没有这一条", "There is no such leaf yet"),
    "push.line": Text("正文行与目录中的承诺不符", "A body line is not what its leaf commits to"),
    "push.room": Text("存放空间不足", "There is no room for it"),
    "push.lost": Text(
        "省平台缺的正文本机也没有了: 用 erase 以 lost 为由登记",
        "Bodies that the hub lacks are gone here too: erase them with the reason lost",
    ),
    "push.refused": Text("省平台没有收下", "The hub did not take it"),
    "push.root": Text("不是接下来的那份根文档", "Not the root document that is due"),
    "push.size": Text("一次上传的内容太大", "Too much in one request"),
    "push.uncosigned": Text(
        "省平台已收齐, 但没有给回执: 看 status 里退回的内容",
        "The hub has it all and does not cosign: see what it refused in `status`",
    ),
    "push.unenrolled": Text(
        "省平台没有登记本单位或这把密钥", "The hub does not know this unit or its key"
    ),
    "push.unsettled": Text(
        "推送没有进展, 稍后再来", "The push does not come on: it is tried again later"
    ),
    # receipt: what the mirror certifies (feed §9)
    "receipt.none": Text("这条记录还没有回执", "This record has no receipt yet"),
    # record: the unit's records
    "record.absent": Text("没有这个编号的记录", "There is no record with this id"),
    "record.kinds": Text("几类记录都有这个编号", "Records of several kinds have this id"),
    "record.unpublished": Text("这条记录还没有发布", "This record has not been published"),
    # request: signed requests (feed §8)
    "request.absent": Text("没有这个地址", "There is nothing at this address"),
    "request.busy": Text("该密钥的请求太多，请十分钟后再来", "Too many requests by this key"),
    "request.clock": Text("请求时间与本机时间相差太多", "The request's time is too far from ours"),
    "request.components": Text("签名覆盖的内容不对", "The signature covers the wrong components"),
    "request.digest": Text("内容与摘要不符", "The content does not match its digest"),
    "request.form": Text("请求签名的写法不对", "The request's signature is not of the form"),
    "request.key": Text("不认识的密钥", "The key is unknown"),
    "request.nonce": Text("这个请求已收到过", "This request has been seen before"),
    "request.parameter": Text("请求参数不合规定", "A parameter of the request is not allowed"),
    "request.signature": Text("请求的签名不正确", "The signature of the request is bad"),
    "request.tier": Text("该密钥无权读取这一级别", "This key may not read this tier"),
    "request.unsigned": Text("此处需要签名的请求", "A signed request is needed here"),
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
    # root: root documents and their chain (feed §5)
    "root.chain": Text("根文档接不上前一份", "The root document does not follow the one before"),
    "root.command": Text(
        "签名命令没有给出可用的签名", "The signing command gave no usable signature"
    ),
    "root.fingerprint": Text(
        "指纹不符：请与对方当面核对", "Another fingerprint: compare it with the publisher again"
    ),
    "root.form": Text("不是根文档的格式", "Not of the form of a root document"),
    "root.line": Text("不是对这份根文档的签名", "Not a signature of this root document"),
    "root.log": Text("根文档没有列出这个日志", "The root document does not list this log"),
    "root.no-draft": Text("没有在等签名的根文档", "No root document waits for signatures"),
    "root.origin": Text("根文档属于另一个来源", "The root document belongs to another origin"),
    "root.outrun": Text(
        "旧密钥签过的大小已到新密钥的起点", "The old key has signed up to where the new one begins"
    ),
    "root.pending": Text(
        "已有一份根文档在等签名", "Another root document waits for its signatures"
    ),
    "root.purpose": Text("一个密钥只能有一种用途", "A key may serve one purpose only"),
    "root.threshold": Text("根密钥的签名不够数", "Too few root keys have signed"),
    "root.unlisted": Text("根文档没有列出这个密钥", "The root document does not list this key"),
    # rules: rule sets
    "rules.day": Text("规则里的日期写法不对", "A date in the rule set is not a date"),
    "rules.form": Text("规则文件不能读取", "The rule set cannot be read"),
    "rules.function": Text(
        "规则引用了不存在的判定函数", "A rule names a function that is not there"
    ),
    "rules.key": Text("规则的条目名称不对", "A rule has unknown or missing members"),
    # seal: sealed bodies (feed §7)
    "seal.form": Text("密封内容的格式不对", "Not of the form of a sealed body"),
    "seal.key": Text("密封时用的不是这里的公钥", "Sealed to a key that is not held here"),
    "seal.open": Text("密封内容打不开", "The sealed body does not open"),
    "seal.record": Text("密封的不是合规的记录", "What is sealed is no valid record"),
    # serve: serving
    "serve.listen": Text("不能在该地址监听", "Cannot listen on this address"),
    # server: answers to requests
    "server.failed": Text("服务器内部出错", "The server failed"),
    # setup: configuration (settings)
    "setup.form": Text("配置文件不能读取", "The configuration file cannot be read"),
    "setup.key": Text("密钥文件无法读取", "The key file cannot be read"),
    "setup.missing": Text("缺少必填的配置项", "A required setting is missing"),
    "setup.signed": Text(
        "配置与已签名的根文档不一致", "The configuration differs from the signed root document"
    ),
    "setup.type": Text("配置项的类型不对", "The setting has the wrong type"),
    "setup.unknown": Text("不认识的配置项", "The setting is unknown"),
    "setup.value": Text("配置项的值不合规定", "The setting's value is not allowed"),
    # sheet: the sheets of a workbook
    "sheet.absent": Text(
        "没有映射所指的工作表", "The workbook lacks the sheet that the mapping names"
    ),
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
    # tile: Merkle tree tiles (feed §1)
    "tile.size": Text("哈希瓦片的长度不对", "The tile has the wrong length"),
    # taken: what a gateway says it has taken (feed §3)
    "taken.form": Text("不是“已取走”的写法", "Not of the form in which is said what was taken"),
    "taken.size": Text("所说已取走的超出了日志", "More is said to be taken than the log holds"),
    # tree: a log's tree as stored or proven
    "tree.block": Text("这一块的叶子与根不符", "The leaves of a block do not fit the root"),
    "tree.root": Text("磁盘上的文件与签名的根不符", "The files on disk do not fit the signed root"),
    "tree.tile": Text("瓦片与上一层不符", "A tile does not fit the one above it"),
    # upload: entries sent to a mirror (C2SP tlog-mirror)
    "upload.form": Text("上传的内容不合格式", "The upload is not of the form"),
    "upload.info": Text("镜像的答复不合格式", "The mirror's answer is not of the form"),
    "upload.log": Text("此处不收这个日志", "This log is not taken here"),
    "upload.pending": Text(
        "请先提交检查点，再上传条目", "Submit a checkpoint first, then upload entries"
    ),
    "upload.proof": Text("上传的条目不在所签的目录中", "The entries are not under the signed head"),
    "upload.range": Text("上传的起止位置对不上", "The upload begins or ends at the wrong place"),
    "upload.short": Text("没有收到完整的一段条目", "No package of entries arrived whole"),
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
    # visit: one visit to one log (feed §6)
    "visit.broke": Text("本机程序在访问中出错", "A program of ours failed during the visit"),
    "visit.bytes": Text("本次读取的字节已到上限", "The visit has read its share of bytes"),
    "visit.leaves": Text("本次读取的条目已到上限", "The visit has read its share of entries"),
    "visit.time": Text("本次读取的时间已到上限", "The visit has used its time"),
    # witness: checkpoints submitted to a witness or mirror (C2SP tlog-witness)
    "witness.ahead": Text("见证人见过更长的日志", "The witness has seen a longer log"),
    "witness.answer": Text("见证人的回答不合格式", "The witness's answer is not of the form"),
    "witness.clock": Text("见证人的时钟不对", "The clock of the witness is wrong"),
    "witness.denied": Text(
        "见证人没有登记这个日志或它的公钥", "The witness does not know this log or its key"
    ),
    "witness.disagrees": Text(
        "见证人见过另一段历史", "The witness has seen another history of this log"
    ),
    "witness.form": Text("不是提交检查点的格式", "Not of the form of a submitted checkpoint"),
    "witness.old": Text("旧大小大于检查点的大小", "The old size is above the checkpoint's"),
    "witness.origin": Text("这里不认识这个日志", "The log is unknown here"),
    "witness.proof": Text("一致性证明不成立", "The consistency proof does not hold"),
    "witness.root": Text("同一大小有另一个根", "Another root at the same size"),
    "witness.size": Text("旧大小不是这里已知的大小", "The old size is not the one known here"),
}
