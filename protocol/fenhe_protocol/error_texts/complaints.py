"""What goes wrong with complaints of the public and with what opens them."""

from fenhe_protocol.error_texts.text import Text

COMPLAINTS: dict[str, Text] = {
    "complaint.absent": Text(
        "没有这个编号的投诉，或查询码不对",
        "There is no case of this number, or it has another secret",
    ),
    "complaint.closed": Text(
        "网上投诉尚未开通，请通过电话或来信反映",
        "Complaints are not taken here yet: telephone or write",
    ),
    "complaint.foreign": Text(
        "请从本站的页面提交", "Send it from the page of this site, not from another's"
    ),
    "complaint.hasty": Text(
        "提交得太快，请核对内容后再交一次",
        "Sent sooner than anybody can fill it in: look it through and send it again",
    ),
    "complaint.keys": Text(
        "投诉密钥文件已损坏，请从副本恢复",
        "The file of the complaints' keys is damaged: bring back a copy",
    ),
    "complaint.locked": Text(
        "请先输入投诉密钥的口令", "Give the passphrase of the complaints' key first"
    ),
    "complaint.no-key": Text(
        "还没有投诉密钥，无人能读密封内容",
        "There is no complaints' key: nobody could read what is sealed",
    ),
    "complaint.no-node": Text(
        "该单位没有在用的节点，通知送不到；请转主管部门",
        "The unit has no node in use that a notice could reach: pass it on to the authority",
    ),
    "complaint.passphrase": Text("投诉密钥的口令不对", "The passphrase does not open the key"),
    "complaint.personal": Text(
        "内容含有个人信息，请删去后再交",
        "It names a person, a telephone or an address: take that out first",
    ),
    "complaint.route": Text("这类投诉不能转给该处", "A complaint of this kind cannot go there"),
    "complaint.sealed": Text(
        "密封内容打不开，或已按期删除",
        "What was sealed does not open, or was erased when its time was over",
    ),
    "complaint.state": Text("现在不能这样办理", "The case cannot go there from where it stands"),
    "complaint.too-many": Text(
        "近来收到的投诉太多，请稍后再来，或通过电话反映",
        "Too many complaints just now: come again later, or telephone",
    ),
    "complaint.weak": Text(
        "口令太短或太简单", "The passphrase is too short, or has too few different characters"
    ),
    "complaint.words": Text("请写明内容", "Say something"),
}
