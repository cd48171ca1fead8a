"""What is wrong with a feed, or with who serves, pushes, mirrors or witnesses one."""

from fenhe_protocol.error_texts.text import Text

FEED: dict[str, Text] = {
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
    # epoch: a log ended, and its next epoch begun (feed §11)
    "epoch.confirm": Text("确认的终止处不对", "It does not end there: look again, then confirm"),
    "epoch.log": Text("没有这个在用的日志", "There is no log of this name that goes on"),
    "epoch.waiting": Text(
        "这个日志将要终止：根文档在等签名，在那以前什么也不签",
        "This log is about to end: the root document waits for signatures, and nothing is signed",
    ),
    # evidence: files that convict a signer (feed §14)
    "evidence.absent": Text("没有这份证据", "There is no such evidence"),
    "evidence.form": Text("不是证据文件的格式", "Not of the form of an evidence file"),
    "evidence.key": Text(
        "文件里没有被指认者的密钥，给出的也不是", "The key of the accused is neither here nor given"
    ),
    "evidence.line": Text("有被指认者以外的签名行", "Somebody signed who is not accused"),
    "evidence.nothing": Text(
        "都属实，但证明不了过错", "All of it is sound, and no fault is proven"
    ),
    "evidence.path": Text(
        "较大的树在较小处的根没有得到证明",
        "The larger tree's root at the smaller size is not proven",
    ),
    "evidence.refuted": Text(
        "这份正文与承诺相符：并没有扣下", "This body is the one committed to: it is not withheld"
    ),
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
    # key: public keys and verifier keys (feed §5)
    "key.form": Text("不是规范的公钥", "Not a public key in its canonical form"),
    "key.published": Text(
        "私钥印在公开文档里的示例密钥，任何人都能用它签名",
        "A key whose private half is printed in documents: anybody signs with it",
    ),
    "key.weak": Text("低阶公钥，任何人都可伪造签名", "A key of low order, which protects nothing"),
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
    # push: what units send to a hub (feed §9)
    "push.ahead": Text(
        "省平台收到过比本节点更多的数据: 可能恢复了旧备份, 或另有一份拷贝在发布",
        "The hub knows more than our files hold: an old backup, or a second copy publishes",
    ),
    "push.broken": Text(
        "上传中断、太慢或编码不对", "The upload broke off, or is not of its coding"
    ),
    "push.busy": Text(
        "本单位送来的还没处理完，请稍后再试", "Too much is under way already: try again later"
    ),
    "push.clock": Text(
        "本机时钟与省平台相差五分钟以上", "Our clock and the hub's differ by over five minutes"
    ),
    "push.coding": Text("不接受这种编码或类型", "This coding or type is not taken here"),
    "push.day": Text("今天收到的条数已到上限", "As many leaves as a day allows have come"),
    "push.endless": Text(
        "省平台要个没完, 这一次推送停下了", "The hub asks on and on: this push was given up"
    ),
    "push.erased": Text("该条正文已删除", "The body of this leaf is erased"),
    "push.forked": Text(
        "省平台收到过本日志的另一段历史", "The hub was sent another history of this log"
    ),
    "push.later": Text("现在不能收下，请稍后再试", "It cannot be taken now: try again later"),
    "push.leaf": Text("目录中还没有这一条", "There is no such leaf yet"),
    "push.line": Text("正文行与目录中的承诺不符", "A body line is not what its leaf commits to"),
    "push.room": Text("存放空间不足", "There is no room for it"),
    "push.lost": Text(
        "省平台缺的正文本机也没有了: 用 erase 以 lost 为由登记",
        "Bodies that the hub lacks are gone here too: erase them with the reason lost",
    ),
    "push.quarantined": Text(
        "省平台已隔离本日志: 同一把密钥签了两段历史",
        "The hub has quarantined this log: its key signed two histories",
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
    "push.unsigned": Text(
        "已收齐, 没有退回, 只是省平台现在不能签回执: 是它自己的事, 不用重发",
        "All is here and nothing is refused: the hub cannot cosign just now, send nothing anew",
    ),
    # receipt: what the mirror certifies (feed §9)
    "receipt.none": Text("这条记录还没有回执", "This record has no receipt yet"),
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
    "root.second": Text(
        "同一编号的根文档签了两份，以先见到的为准",
        "Two root documents of one number are signed; the one met first stays in force",
    ),
    "root.same": Text("新的根文档和现行的一样", "The new root document would change nothing"),
    "root.threshold": Text("根密钥的签名不够数", "Too few root keys have signed"),
    "root.unlisted": Text("根文档没有列出这个密钥", "The root document does not list this key"),
    # seal: sealed bodies (feed §7)
    "seal.form": Text("密封内容的格式不对", "Not of the form of a sealed body"),
    "seal.key": Text("密封时用的不是这里的公钥", "Sealed to a key that is not held here"),
    "seal.open": Text("密封内容打不开", "The sealed body does not open"),
    "seal.record": Text("密封的不是合规的记录", "What is sealed is no valid record"),
    # sm2: second signature lines (feed §5)
    "sm2.command": Text(
        "国密签名命令没有给出可用的签名", "The SM2 signing command gave no usable signature"
    ),
    "sm2.library": Text(
        "本机没有可用的国密算法库", "No library with SM2 and SM3 was found on this machine"
    ),
    "sm2.name": Text("国密公钥不是这个单位的", "The SM2 key is not that of this unit"),
    "sm2.renewing": Text(
        "上一次换国密钥还没有完成", "The SM2 key was renewed and the old one still signs"
    ),
    "sm2.unsigned": Text(
        "没有所登记的国密密钥的签名", "No SM2 key that is enrolled for it has signed"
    ),
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
