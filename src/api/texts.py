"""The catalogue of what people read from the API: Chinese first, English by Accept-Language."""

from domain.kernel import Language

TEXTS: dict[str, tuple[str, str]] = {
    "NOT_FOUND": ("没有找到。", "Not found."),
    "POST_ONLY": ("此处只接受 POST。", "POST only."),
    "GET_ONLY": ("此处只接受 GET。", "GET only."),
    "CONFLICT": ("他人同时作了改动，请重试。", "Somebody else was faster; please try again."),
    "ILL_FORMED": ("输入有误。", "The input is not well-formed."),
    "TOO_LARGE": ("请求过大：不得超过 1 MiB。", "The request is too large: at most 1 MiB."),
    "UNAUTHENTICATED": ("请先登录。", "Please sign in."),
    "UNAVAILABLE": (
        "暂时无法办理，请稍后用同一 commandId 重试。",
        "Not available just now; try again with the same commandId.",
    ),
    "STALE": ("视图尚未赶上，请稍后重试。", "The view has not caught up yet; please try again."),
    "INTERNAL": ("系统内部错误，请提供关联号。", "Internal error; please quote the correlation id."),
    "missing": ("缺少必填项。", "A required field is missing."),
    "text_empty": ("文字不能为空。", "The text is empty."),
    "text_too_long": ("文字超过 20000 字。", "The text is longer than 20,000 characters."),
    "text_ill_formed": ("文字含有控制字符或者双向排版字符。", "The text holds control or bidirectional characters."),
    "list_too_long": ("列表超过 200 项。", "The list has more than 200 entries."),
    "id_ill_formed": ("编号格式不对。", "This is not an id of the right form."),
    "filter_takes_an_id": (
        "这里按编号查，如 body:…；编号在 bodies、rounds 等列表里。",
        "This filter takes an id, such as body:…, as bodies, rounds and the other lists show it.",
    ),
    "filter_unknown_value": ("没有这个值；可用的有：{}。", "There is no such value; there are: {}."),
    "unknown_code": (
        "不是现行规程所列的代码；可用的代码用 codes 查。",
        "Not a code of the edition in force; codes lists them.",
    ),
    "date_ill_formed": (
        "日期须为历上有的一天，格式为 YYYY-MM-DD。",
        "A date is a day of the calendar, written YYYY-MM-DD.",
    ),
    "out_of_range": ("数值超出范围。", "The number is out of range."),
    "value_ill_formed": ("此项内容不合要求。", "This value is not acceptable."),
    "command_id_ill_formed": (
        "commandId 须为 UUID，每个新命令用一个新的。",
        "commandId is a UUID, a new one for every new command.",
    ),
    "command_id_reused": (
        "同一 commandId 已用于内容不同的命令。",
        "This commandId was used for a command of other content.",
    ),
    "dates_contradict": (
        "发生日期与命令所填的日期不一致。",
        "The date it happened contradicts the command's own date.",
    ),
    "paper_needs_reference": ("纸质材料须注明文号或者编号。", "Paper needs its reference."),
    "precision_contradicts_day": (
        "日期不在所称的上旬、中旬或者下旬之内。",
        "The day does not lie in the third of the month that is named.",
    ),
    "precision_needs_date": (
        "请填 happenedOn；日期不详的，precision 填 unknown。",
        "State happenedOn, or precision unknown where the day is not known.",
    ),
    "not_an_organ": ("该机构不是接收移交的单位。", "This body does not receive transfers."),
    "lost_race": ("他人同时作了改动，请重试。", "Somebody else was faster; please try again."),
    "body_not_json": (
        '请求体须为 JSON：{"query": …, "variables": …}。',
        'The body must be JSON: {"query": …, "variables": …}.',
    ),
    "query_ill_formed": (
        "查询不合语法，或者与本端点的 schema 不符。",
        "The query does not parse, or does not fit this endpoint's schema.",
    ),
    "due_moved_by_calendar": (
        "届满日由{from_on}改为{to_on}：日历由{from_calendar}改为{to_calendar}，未了的期限按新日历重新计算。",
        "The due day was moved from {from_on} to {to_on}: calendar {to_calendar} took the place of {from_calendar}, "
        "and what was open was counted again.",
    ),
    "due_moved_by_correction": (
        "届满日由{from_on}改为{to_on}：起算的日期录错，已经更正，重新起算。",
        "The due day was moved from {from_on} to {to_on}: the day it is counted from was corrected, and it was counted "
        "anew.",
    ),
    "due_moved_by_extension": (
        "届满日由{from_on}改为{to_on}：申请延期，经批准。",
        "The due day was moved from {from_on} to {to_on}: a later day was asked for and approved.",
    ),
    "due_moved_by_measures": (
        "届满日由{from_on}改为{to_on}：整改措施重新填报。",
        "The due day was moved from {from_on} to {to_on}: the measures were planned anew.",
    ),
    "set_by_request": ("巡查组要求提供资料，并写明期限", "the team called for documents and set a day"),
    "set_by_measures": ("被巡查单位在整改措施中自定期限", "the unit set a day in its own measures"),
    "documents_wanted": ("按要求提供资料", "documents called for"),
    "item_put_right": ("按自定期限完成单项整改", "one item put right by the day set for it"),
    "clue_to_office": ("重要线索、重大问题及时报告巡查办", "a grave clue or a major problem promptly to the office"),
    "since_clue_to_office": ("首次知悉", "first known"),
    "handling_proposed": ("接收单位及时提出办理意见", "the receiver promptly proposes a handling"),
    "since_handling_proposed": ("收到移交", "the transfer was received"),
    "feedback_given": ("批准后及时反馈", "approved feedback promptly given"),
    "since_feedback_given": ("反馈获批准", "the feedback was approved"),
    "due_confirmed": (
        "按日历{}复核，届满日不变，不再是暂定。",
        "Calendar {} leaves the due day as it is; it is provisional no more.",
    ),
    "page_too_large": ("每页 1 至 100 条。", "A page holds 1 to 100 rows."),
    "cursor_ill_formed": ("游标无效。", "The cursor is not valid."),
    "token_unknown": ("没有这个凭据对应的已登记命令。", "No command on record has this token."),
}


def says(key: str, language: Language) -> str:
    """A sentence of the catalogue. Raises KeyError for a key it does not have."""
    zh, en = TEXTS[key]
    return zh if language == "zh" else en


def language_of(accept_language: str | None) -> Language:
    """English where it is asked for before Chinese; Chinese otherwise."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in "".join((accept_language or "")[:500].lower().split()).split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            quality = float(weight or "1")
        except ValueError:
            continue
        for language in ("zh", "en"):
            if tag.split("-")[0] == language and quality > best[0]:
                best = (quality, "zh" if language == "zh" else "en")
    return best[1]
