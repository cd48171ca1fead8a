"""What is wrong with what is asked of the unit's console (管理台), and of edits made there."""

from fenhe_protocol.error_texts.text import Text

CONSOLE: dict[str, Text] = {
    # account: who may sign in to the hub's console
    "account.absent": Text("没有这个账号，或已停用", "There is no such account, or it has ended"),
    "account.authority": Text(
        "没有这个编号的主管部门，或已失效", "There is no authority of this number today"
    ),
    "account.known": Text("已有这个账号", "There is such an account already"),
    "account.last": Text(
        "这是最后一个系统管理账号，不能停用或改角色；先另设一个",
        "The last administrator stays one: make another one first",
    ),
    "account.role": Text("没有这个角色", "There is no such role"),
    "account.wrong": Text("现在的口令不对", "The present password is another"),
    # sign_on: who comes in by another's service
    "sign_on.account": Text(
        "统一身份服务认得您，但这里没有这个账号，请系统管理员先设",
        "There is no account of this name: an administrator makes it first",
    ),
    "sign_on.provider": Text(
        "统一身份服务没有答复，或答复不合规范", "The provider does not answer, or not as it must"
    ),
    "sign_on.state": Text(
        "这次登录开得太久，或不是在这个浏览器里开始的，请重新登录",
        "The sign-in is too old, or began elsewhere: begin again",
    ),
    "sign_on.token": Text(
        "统一身份服务给的凭证不能采信", "What the provider gave cannot be believed"
    ),
    # console: the unit's own pages (管理台)
    "console.attempts": Text(
        "口令输错太多次，稍等再试", "Too many wrong passwords: wait, then again"
    ),
    "console.form": Text("表单的内容读不懂", "The form cannot be read"),
    "console.host": Text(
        "管理台只在本机用本机的地址打开",
        "The console is opened on this machine, by its own address",
    ),
    "console.large": Text("上传的内容太大", "What was sent is too large"),
    "console.long": Text(
        "要导出的太多，先筛选，或者导出 CSV", "Too much for one file: narrow it, or take CSV"
    ),
    "console.name": Text(
        "没有这个账号，或账号写法不对", "There is no such account, or it is no name"
    ),
    "console.no-file": Text("没有选择文件", "No file was chosen"),
    "console.origin": Text(
        "这个请求来自别的网页，没有执行",
        "The request comes from another site's page: nothing was done",
    ),
    "console.password": Text(
        "管理台要给别的机器用，须先设口令", "A console for other machines needs a password first"
    ),
    "console.passwords": Text("口令文件无法读取", "The file of passwords cannot be read"),
    "console.token": Text(
        "这一页开得太久或来自别处，没有执行",
        "The page is too old or a stranger's: nothing was done",
    ),
    "console.twice": Text("两次输入的口令不同", "The two passwords differ"),
    "console.weak": Text(
        "口令太短或太简单", "The password is too short, too simple, or holds the name"
    ),
    # edit: records changed by hand
    "edit.exists": Text("已有这个编号的记录", "There is a record of this id already"),
    "edit.form": Text("没有这个字段，或不能这样改", "There is no such field, or not to be set so"),
    "edit.gone": Text("这条记录没有可恢复的内容", "Nothing of this record is left to bring back"),
    "edit.many": Text("一次改得太多", "Too many at once"),
    "edit.none": Text("没有选中任何记录", "No record was chosen"),
    "edit.stale": Text(
        "这条记录刚被别人改过或删除，请重新打开再改",
        "Somebody changed or deleted this record meanwhile: open it anew",
    ),
    # revert: the last publish taken back
    "revert.nothing": Text("没有可以撤回的发布", "There is no publish that could be taken back"),
    "revert.other": Text(
        "刚才又发布过一次，请重新查看再撤回", "There was another publish meanwhile: look again"
    ),
}
