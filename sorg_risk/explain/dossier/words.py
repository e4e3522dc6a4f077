"""Words of the dossier, in Chinese and English; codes as officers say them."""

from __future__ import annotations

from typing import Final

LANGS: Final = ("zh", "en")

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("社会组织风险档案", "Risk dossier of a social organisation"),
    "as_of": ("截至", "as of"),
    "code": ("统一社会信用代码", "unified social credit code"),
    "known": ("按当日日终所知", "as known by the end of the day"),
    "score": ("信用分", "score"),
    "grade": ("信用等级", "grade"),
    "warning": ("预警级别", "warning"),
    "probability": ("出现新情形的概率", "probability of a new ground"),
    "within": ("{days}天内，估计", "within {days} days, estimated"),
    "rank": ("检查顺序", "inspection rank"),
    "rank_note": ("1为最先", "1 is first"),
    "points": ("分", "points"),
    "not_scored": ("不评分（非存续状态）", "not scored (not active)"),
    "summary": ("结论", "Summary"),
    "law": ("法定事项", "Statutory state"),
    "no_flags": ("无法定事项", "no statutory matter"),
    "ground": ("情形与依据", "ground"),
    "since": ("起于", "since"),
    "step": ("下一步", "next step"),
    "due": ("期限", "due"),
    "overdue": ("已逾期", "overdue"),
    "handler": ("办理", "handled by"),
    "clears": ("期满日", "clears on"),
    "provisional": ("暂定", "provisional"),
    "provisional_score": (
        "暂定：所用模型不是以本登记管理机关的真实记录训练，或者读到了训练时没有的取值。信用分、等级和预警只供试用，不作为激励措施的依据。",
        "Provisional: the model was not trained on real records of this authority, or reads unseen words; for trial only.",
    ),
    "facts": ("事实（份额）", "facts (shares)"),
    "sufficient_note": ("任一组成立即足够", "any one group is enough"),
    "clearing_note": ("任一组不再成立即消除", "any one group no longer true"),
    "remedies_note": ("合法行为及其最早消除日", "lawful acts, and the first day on which the flag could fall"),
    "sufficient": ("充分理由", "sufficient reasons"),
    "clearing": ("消除途径", "what would clear it"),
    "remedies": ("补救", "remedies"),
    "earliest": ("最早消除日", "the flag could fall on"),
    "no_remedy": ("无可由其自行完成的合法行为", "no lawful act of its own ends this"),
    "evidence": ("证据", "evidence"),
    "more": ("另有{count}项", "{count} more"),
    "model": ("模型预警", "Early warning of the model"),
    "model_note": (
        "预警来自模型，只提示关注，从不列入名录；列入须有法定情形、证据和程序。",
        "An early warning comes from the model and only asks for a look; it lists nobody. Listing needs a ground, evidence and due process.",
    ),
    "caps": ("等级封顶", "Grade capped by law"),
    "cap": (
        "因{flag}（{ground}）等级以{grade}为限；分数不因此改变",
        "capped at {grade} by {flag} ({ground}); the points are not touched",
    ),
    "reasons": ("评分理由", "Reasons of the score"),
    "reasons_note": (
        "各行相加等于信用分。条形向左：降低分数；向右：提高分数。与状况良好组织相比。",
        "The rows add up to the score. Bars to the left lower it, to the right raise it, compared with organisations in good standing.",
    ),
    "concepts": ("按方面汇总", "By subject"),
    "history": ("分数走势", "Score over time"),
    "first": ("首次评分，无历史。", "First evening; there is no history yet."),
    "changes": ("与上次相比", "What changed"),
    "changes_since": ("上次为{day}", "since {day}"),
    "unchanged": ("无变化", "nothing changed"),
    "score_change": ("信用分由{before}变为{now}（{change}分）", "score from {before} to {now} ({change} points)"),
    "grade_change": ("等级由{before}变为{now}", "grade from {before} to {now}"),
    "warning_change": ("预警由{before}变为{now}", "warning from {before} to {now}"),
    "new": ("新增", "new"),
    "cleared": ("消除", "cleared"),
    "feature_change": ("{text}：影响由{before}变为{now}（{change}分）", "{text}: effect from {before} to {now} ({change} points)"),
    "lost": ("不再提供或被改写的记录", "Records no longer delivered, or rewritten"),
    "vanished": (
        "{record}：截至{last}的数据中尚有该记录，自{since}起不再提供，也未见撤回。",
        "{record}: delivered as of {last}, no longer delivered since {since}, and not withdrawn.",
    ),
    "vanished_before": (
        "{record}：以前提供过，现不再提供，也未见撤回。",
        "{record}: delivered earlier, no longer delivered, and not withdrawn.",
    ),
    "vanished_cells": ("原记录内容：", "the record said: "),
    "vanished_step": (
        "请先向数据提供单位核实该记录的去向；确属撤销的，应由其提供撤回记录。",
        "Ask the source first what became of the record; what was truly withdrawn is delivered as a retraction.",
    ),
    "rewritten": (
        "{record}：与截至{last}的数据相比，{since}提供的该记录主键和入库时间未变，内容已被改写。",
        "{record}: against the data as of {last}, delivered on {since} under the same key and recorded_at with other content.",
    ),
    "rewritten_before": ("{record}：主键和入库时间未变，内容已被改写。", "{record}: rewritten under the same key and recorded_at."),
    "rewritten_cells": ("改写内容：", "what changed: "),
    "rewritten_step": (
        "请先向数据提供单位核实改写原因；更正应作为新版本提供，并注明新的入库时间。",
        "Ask the source first why it was rewritten; a correction is delivered as a new version with its own recorded_at.",
    ),
    "fell": ("原据该记录认定、现已消除的事项：", "rested on this record and is cleared: "),
    "empty": ("（空）", "(empty)"),
    "cell_change": ("{name}由“{before}”改为“{now}”", "{name} from {before} to {now}"),
    "measures": ("监管措施", "Measures of supervision"),
    "measures_note": ("按{type}、等级{grade}的分类监管", "for a {type} of grade {grade}"),
    "total": ("合计：信用分", "sum: the score"),
    "records": ("记录", "records"),
    "footer": (
        "本档案由已发布的结果生成，每个数字可追溯到记录、法条或贡献值。",
        "Made from published results alone; every number can be traced to records, a dated rule or a contribution.",
    ),
}  # fmt: skip

CODES: Final[dict[str, tuple[str, str]]] = {
    "abnormal_list": ("活动异常名录", "abnormal list"),
    "serious_dishonesty_list": ("严重违法失信名单", "serious-dishonesty list"),
    "exit_candidate": ("退出候选", "exit candidate"),
    "alert": ("提示", "alert"),
    "early_warning": ("预警", "early warning"),
    "recommend_listing": ("建议列入", "listing recommended"),
    "listed": ("已列入", "listed"),
    "restart": ("重新计算期限", "period starts anew"),
    "recommend_removal": ("建议移出", "removal recommended"),
    "attention": ("关注", "attention"),
    "issue_notice": ("发出告知书", "issue the notice"),
    "await_statement": ("等待陈述申辩", "await the statement"),
    "decide": ("作出决定", "decide"),
    "list": ("列入", "list"),
    "remove": ("移出", "remove"),
    "inspect": ("检查", "inspect"),
    "none": ("无", "none"),
    "blue": ("蓝", "blue"),
    "yellow": ("黄", "yellow"),
    "orange": ("橙", "orange"),
    "red": ("红", "red"),
    "active": ("存续", "active"),
    "deregistered": ("已注销", "deregistered"),
    "revoked": ("已撤销或吊销", "revoked"),
    "association": ("社会团体", "association"),
    "foundation": ("基金会", "foundation"),
    "service_institution": ("社会服务机构", "service institution"),
    "filings": ("报送", "filings"),
    "accounts": ("账目", "accounts"),
    "complaints": ("投诉举报", "complaints"),
    "fund_flows": ("资金", "money"),
    "enforcement": ("处罚与检查", "penalties and inspections"),
    "governance": ("治理", "governance"),
    "organisation": ("基本情况", "the organisation itself"),
    "other": ("其他", "other"),
    "(rest)": ("未逐项列出的", "not named one by one"),
}


def word(code: str, lang: str) -> str:
    """A word of the dossier.

    >>> word("score", "zh"), word("score", "en")
    ('信用分', 'score')
    """
    return WORDS[code][LANGS.index(lang)]


def label(code: object, lang: str) -> str:
    """A code as officers say it; an unknown code stays as it is.

    >>> label("abnormal_list", "zh"), label("restart", "en"), label("AL-01", "en")
    ('活动异常名录', 'period starts anew', 'AL-01')
    """
    return CODES.get(str(code), (str(code), str(code)))[LANGS.index(lang)]


def numbered(place: int) -> str:
    """The sign of a fact: ① to ⑳, then (21).

    >>> numbered(1), numbered(21)
    ('①', '(21)')
    """
    return chr(0x245F + place) if place <= 20 else f"({place})"
