"""What goes wrong on a unit's public pages: service requests, forms, mail, pictures."""

from fenhe_protocol.error_texts.text import Text

ORDERS: dict[str, Text] = {
    # file: pictures and documents of a unit
    "file.type": Text(
        "文件类型不对：照片用 JPEG，标志用 PNG 或 JPEG，制度文件用 PDF",
        "Not a file of that type: photos are JPEG, logos PNG or JPEG, documents PDF",
    ),
    "file.absent": Text("读不到这个文件", "The file cannot be read"),
    "file.record": Text(
        "记录另有不合要求之处，先改正再加文件",
        "The record is wrong elsewhere: mend it before a file is attached",
    ),
    "file.size": Text("文件太大", "The file is too large"),
    "file.place": Text("不认识的用途", "Nothing that a file can be attached to"),
    # form: what a stranger sends to the public pages
    "form.broken": Text("表单内容不对，请重新打开页面", "The form is broken: open the page again"),
    "form.large": Text("填写的内容太多", "More was filled in than a form may hold"),
    "form.slow": Text("提交中断，请再交一次", "The form did not come in time: send it again"),
    "form.trap": Text("请不要填写隐藏的栏目", "Leave the hidden field empty"),
    "form.type": Text("这里只收普通表单", "Only plain forms are taken here"),
    # mail: letters of node and hub
    "mail.address": Text("不是一个邮件地址", "Not one mail address"),
    "mail.off": Text(
        "没有设发信服务器，先在 config.yaml 写 mail.host 和 mail.sender",
        "No mail server is set: write mail.host and mail.sender into config.yaml",
    ),
    "mail.password": Text(
        "邮件密码文件读不到、别人也能读，或含有英文以外的字符",
        "The file of the mail password cannot be read, is open to others or holds more than ASCII",
    ),
    "mail.refused": Text("邮件服务器拒收", "The mail server refuses the letter"),
    "mail.unreachable": Text("连不上邮件服务器", "The mail server is not reached"),
    # order: service requests
    "order.absent": Text("没有这份服务申请", "There is no such service request"),
    "order.form": Text(
        "表单已过期或已提交过，请重新打开页面再交一次",
        "The form is too old or was sent already: open the page again",
    ),
    "order.money": Text("金额写成元，最多两位小数", "An amount in yuan, to the fen"),
    "order.not-here": Text(
        "这台仪器不在网上接受申请，请看页面上的预约办法",
        "No requests are taken here for this instrument: see its page for how to apply",
    ),
    "order.number": Text("要填整数", "A whole number is needed"),
    "order.rated": Text("已评价过，或尚未完成", "Rated already, or not done yet"),
    "order.rating": Text("评价为 1 至 5 分", "A rating is 1 to 5"),
    "order.record": Text(
        "服务记录不合要求，请改正后再完成", "The service record is wrong: mend it, then finish"
    ),
    "order.state": Text("现在不能这样办理", "The request cannot go there from where it stands"),
    "order.taken": Text("这段时间已有安排", "The instrument is taken at that time"),
    "order.time": Text("起止时间不对", "Begin and end do not make a time"),
    "order.too-many": Text(
        "今天收到的申请太多，请明天再来，或联系服务窗口",
        "Too many requests today: come again tomorrow, or ask the service office",
    ),
    "order.words": Text("请写明原因或要补充的内容", "Say why, or what is wanted"),
    # site: the export of the public pages
    "site.folder": Text(
        "目标目录不是空的，也不是以前导出的网站",
        "The folder is neither empty nor a site that was exported before",
    ),
    "site.logo": Text("单位标志无法使用", "The logo cannot be used"),
}
