"""What is wrong with a measure that is proposed or decided, or with a notice to a unit."""

from fenhe_protocol.error_texts.text import Text

MEASURES: dict[str, Text] = {
    # measure: grounds, steps, documents
    "measure.absent": Text(
        "没有这项检查结果，或不是这个单位的", "There is no such finding, or it is of another unit"
    ),
    "measure.advice": Text(
        "这项检查结果只是提示，或用的是示例数值，不能作为措施的依据",
        "This finding is advice, or rests on a number that is an example: it is no ground",
    ),
    "measure.competence": Text(
        "这类措施须由主管部门或财政部门决定",
        "A measure of this kind is for a competent department or the treasury to decide",
    ),
    "measure.day": Text("日期不对", "The day is not possible"),
    "measure.deadline": Text("限期整改须写明期限", "A rectification needs its deadline"),
    "measure.gone": Text(
        "依据的问题都已不在，请撤回建议", "Nothing that it rests on stands any more: withdraw it"
    ),
    "measure.item": Text(
        "无偿划拨只能针对一台在列的仪器或设施",
        "A reallocation is about one listed instrument or installation",
    ),
    "measure.no-ground": Text("须列出所依据的检查结果", "Name the findings that it rests on"),
    "measure.not-evaluated": Text(
        "没有“较差”的最终评价结果，不能划拨",
        "No final evaluation result says that it shares poorly",
    ),
    "measure.not-shown": Text(
        "这项检查结果不公开，不能用于公开的措施",
        "This finding is not public, so a public measure cannot rest on it",
    ),
    "measure.sign": Text(
        "使用和开放情况只是迹象，最终评价结果出来前不能作为依据",
        "Signs of use are no ground until there is a final evaluation result",
    ),
    "measure.special": Text(
        "只有通用仪器可以无偿划拨", "Only a general instrument can be reallocated"
    ),
    "measure.state": Text(
        "措施现在的状态不能这样办理", "The measure cannot go there from where it stands"
    ),
    "measure.state-of-finding": Text(
        "这项检查结果不是逾期，不能作为依据", "This finding is no breach, so it is no ground"
    ),
    "measure.twice": Text(
        "同样的措施已经提出，待决定", "The same measure is proposed already and waits"
    ),
    "measure.unit": Text("没有这个单位的节点", "No node of this unit is enrolled"),
    "measure.unknown": Text("没有这项措施", "There is no such measure"),
    "measure.voluntary": Text(
        "自愿开放的资源只给建议，不采取措施", "What is voluntary gets advice and never a measure"
    ),
    # notice: text and form
    "notice.absent": Text("没有这份通知", "There is no such notice"),
    "notice.address": Text("邮箱地址不对", "This is no mail address"),
    "notice.form": Text(
        "通知内容不合要求；公开的通知不得有个人信息",
        "The notice is not of its form; a public one may hold nothing personal",
    ),
    "notice.place": Text(
        "模板里有不认识的占位符", "The template names a place that does not exist"
    ),
    "notice.text": Text("通知正文为空或太长", "The text of the notice is empty or too long"),
}
