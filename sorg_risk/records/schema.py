"""Every table of the registry, declared once: columns, kinds, words and rules.

Reading, checking, versions, the simulated registry and the documentation all follow these declarations; a new
column is one line here. Three columns open every table: its primary key, the organisation, and the day the authority
knew the row.

>>> TABLES["fund_flows"].key, TABLES["fund_flows"]["amount"].kind
('flow_id', 'money')
>>> TABLES["organizations"]["org_type"].codes["foundation"]
'基金会'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from ..errors import NotFound

Kind = Literal["text", "code", "day", "timestamp", "money", "number", "integer", "flag"]

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No date of a register lies outside; what does is a slip of the pen."""


@dataclass(frozen=True)
class Column:
    """One column: how it is written, and what may stand in it.

    ``event``: a day that lies in the past when it is recorded. ``lowest``/``highest``: allowed numbers, both inclusive;
    ``above``: the number must be larger than this. ``codes``: allowed words with their Chinese meaning.
    """

    name: str
    kind: Kind
    zh: str = ""
    required: bool = False
    event: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    lowest: float | None = None
    highest: float | None = None
    above: float | None = None

    @property
    def is_number(self) -> bool:
        """Held as float64."""
        return self.kind in ("money", "number", "integer")


@dataclass(frozen=True)
class Table:
    """One table: its primary key and its columns in the order of the declaration."""

    name: str
    key: str
    columns: tuple[Column, ...]
    zh: str

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Columns by their names."""
        return MappingProxyType({column.name: column for column in self.columns})

    @property
    def names(self) -> list[str]:
        """Names of all columns, key first."""
        return [column.name for column in self.columns]

    @property
    def identity(self) -> list[str]:
        """What even a row that retracts a record must carry."""
        return list(dict.fromkeys([self.key, "org_id", "recorded_at"]))

    def __getitem__(self, name: str) -> Column:
        if name not in self.by_name:
            raise NotFound.name(f"column of {self.name}", name, self.names)
        return self.by_name[name]


def table(name: str) -> Table:
    """Declaration of a table; an unknown name raises `NotFound` with the nearest one."""
    if name not in TABLES:
        raise NotFound.name("table", name, TABLES)
    return TABLES[name]


def _text(name: str, zh: str, required: bool = False) -> Column:
    return Column(name, "text", zh, required)


def _code(name: str, zh: str, codes: Mapping[str, str], required: bool = False) -> Column:
    return Column(name, "code", zh, required, codes=MappingProxyType(dict(codes)))


def _event(name: str, zh: str, required: bool = False) -> Column:
    return Column(name, "day", zh, required, event=True)


def _day(name: str, zh: str) -> Column:
    return Column(name, "day", zh)


def _money(name: str, zh: str, signed: bool = False) -> Column:
    return Column(name, "money", zh, lowest=None if signed else 0.0)


def _count(name: str, zh: str) -> Column:
    return Column(name, "integer", zh, lowest=0.0)


def _year(name: str, zh: str) -> Column:
    return Column(name, "integer", zh, lowest=FIRST_YEAR, highest=LAST_YEAR)


def _flag(name: str, zh: str) -> Column:
    return Column(name, "flag", zh)


def _table(name: str, zh: str, key: str, *columns: Column) -> Table:
    head = [Column(key, "text", "主键", required=True)]
    if key != "org_id":
        head.append(Column("org_id", "text", "统一社会信用代码", required=True))
    tail = [Column("recorded_at", "timestamp", "登记入库时间", required=True), _flag("voided", "已撤回")]
    return Table(name, key, (*head, *columns, *tail), zh)


LISTS = {"abnormal": "活动异常名录", "serious_dishonesty": "严重违法失信名单"}

_ORGANIZATIONS = _table(
    "organizations",
    "社会组织",
    "org_id",
    _text("name", "名称"),
    _code(
        "org_type",
        "类型",
        {"association": "社会团体", "foundation": "基金会", "service_institution": "社会服务机构"},
    ),
    _flag("is_industry_association", "行业协会商会"),
    _flag("is_charity", "慈善组织"),
    _flag("has_public_fundraising", "公开募捐资格"),
    _flag("is_community", "社区社会组织"),
    _code("registration", "登记方式", {"direct": "直接登记", "dual": "双重管理", "decoupled": "已脱钩"}),
    _text("supervising_unit", "业务主管单位"),
    _text("industry_department", "行业管理部门"),
    _text("district", "行政区划"),
    _code(
        "field",
        "领域",
        {
            "party_building": "党建",
            "governance": "治理",
            "integrity": "诚信",
            "talent": "人才",
            "community": "社区",
            "science": "科技",
            "international": "国际交流",
            "rural_revitalization": "乡村振兴",
            "pairing_assistance": "对口帮扶",
            "common_prosperity": "共同富裕",
            "ecology": "生态",
            "culture_education_health": "文教卫生",
        },
    ),
    _event("registered_on", "成立登记日期"),
    _money("registered_capital", "注册资金"),
    _code("status", "状态", {"active": "正常", "deregistered": "注销", "revoked": "撤销/吊销"}),
    _event("status_on", "状态日期"),
)

_FILINGS = _table(
    "filings",
    "年报、审计、换届、变更、公开",
    "filing_id",
    _code(
        "kind",
        "种类",
        {
            "annual_report": "年度工作报告",
            "audit_report": "审计报告",
            "disclosure": "信息公开",
            "election": "换届",
            "change_registration": "变更登记",
            "fundraising": "公开募捐方案",
            "fee_schedule": "会费标准",
        },
        required=True,
    ),
    _year("fiscal_year", "会计年度"),
    _day("due_on", "截止日期"),
    _event("filed_on", "报送日期"),
    _event("accepted_on", "受理日期"),
    _event("returned_on", "退回日期"),
    _money("total_income", "总收入", signed=True),
    _money("donation_income", "捐赠收入"),
    _money("government_income", "政府补助收入"),
    _money("fee_income", "会费及服务收入"),
    _money("total_spending", "总支出"),
    _money("charitable_spending", "慈善活动支出"),
    _money("management_fee", "管理费用"),
    _money("fundraising_cost", "募捐成本"),
    _money("staff_pay", "工资福利"),
    _money("office_cost", "办公支出"),
    _money("total_assets", "总资产"),
    _money("net_assets", "净资产", signed=True),
    _money("registered_capital_now", "现注册资金"),
    _count("staff", "从业人员"),
    _count("members", "会员数"),
    _count("party_members", "党员数"),
    _flag("has_party_organization", "已建党组织"),
    _count("directors", "理事数"),
    _count("paid_directors", "领薪理事数"),
    _count("related_directors", "近亲理事数"),
    _count("supervisors", "监事数"),
    _count("council_meetings", "理事会会议次数"),
    _count("fee_tiers", "会费档次"),
    _flag("fee_by_secret_ballot", "会费无记名投票"),
    _count("activities_held", "开展活动次数"),
    _code(
        "audit_opinion",
        "审计意见",
        {"unqualified": "无保留", "qualified": "保留", "adverse": "否定", "disclaimer": "无法表示"},
    ),
)

_COMPLAINTS = _table(
    "complaints",
    "投诉举报",
    "complaint_id",
    _event("received_on", "收到日期", required=True),
    _code(
        "channel",
        "渠道",
        {"hotline": "热线", "letter": "来信", "visit": "来访", "online": "网络", "transfer": "转办", "media": "媒体"},
    ),
    _text("category", "类别"),
    _text("text", "内容"),
    Column("severity", "integer", "严重程度", lowest=1, highest=5),
    _flag("substantiated", "查实"),
    _event("closed_on", "办结日期"),
)

_FUND_FLOWS = _table(
    "fund_flows",
    "资金流水",
    "flow_id",
    _event("booked_on", "入账日期", required=True),
    _code("direction", "方向", {"in": "收入", "out": "支出"}, required=True),
    Column("amount", "money", "金额", required=True, above=0.0),
    _text("counterparty_id", "对方标识"),
    _code(
        "counterparty_kind",
        "对方性质",
        {
            "person": "个人",
            "enterprise": "企业",
            "organization": "社会组织",
            "government": "政府",
            "bank": "银行",
            "unknown": "不详",
        },
    ),
    _flag("is_related_party", "关联方"),
    _code(
        "purpose",
        "用途",
        {
            "donation": "捐赠",
            "membership_fee": "会费",
            "service_fee": "服务收费",
            "government_purchase": "政府购买服务",
            "grant": "资助",
            "charitable_spending": "慈善活动支出",
            "management": "管理费用",
            "staff_pay": "工资福利",
            "investment": "投资",
            "loan": "借款",
            "transfer": "划转",
            "other": "其他",
        },
    ),
    _code("account", "账户", {"registered": "备案账户", "unregistered": "未备案账户", "cash": "现金"}),
)

_PENALTIES = _table(
    "penalties",
    "行政处罚与司法",
    "penalty_id",
    _text("decision_id", "决定书文号"),
    _event("decided_on", "决定日期", required=True),
    _code(
        "kind",
        "种类",
        {
            "warning": "警告",
            "fine": "罚款",
            "confiscation": "没收",
            "suspension": "限期停止活动",
            "certificate_revoked": "吊销",
            "registration_revoked": "撤销登记",
            "change_revoked": "撤销变更登记",
            "court_dishonest": "失信被执行人",
        },
        required=True,
    ),
    _money("amount", "金额"),
    _text("authority", "决定机关"),
    _event("lifted_on", "解除日期"),
)

_INSPECTIONS = _table(
    "inspections",
    "检查、整改、专用信函",
    "inspection_id",
    _code(
        "kind",
        "种类",
        {
            "spot_check": "抽查",
            "rectification_order": "责令整改",
            "special_letter": "专用信函",
            "fundraising_condition": "公开募捐条件核查",
            "party_duty": "党建责任核查",
        },
        required=True,
    ),
    _event("issued_on", "发出日期", required=True),
    _day("deadline_on", "期限"),
    _code(
        "outcome",
        "结果",
        {
            "clean": "未发现问题",
            "problem": "发现问题",
            "accepted": "整改合格",
            "rejected": "整改不合格",
            "signed": "签收",
            "unsigned": "未签收",
            "met": "符合",
            "unmet": "不符合",
        },
    ),
    _event("completed_on", "完成日期"),
)

_POSITIONS = _table(
    "positions",
    "负责人任职",
    "position_id",
    _text("person_id", "人员代号", required=True),
    _code(
        "role",
        "职务",
        {
            "legal_representative": "法定代表人",
            "chair": "会长/理事长",
            "director": "理事",
            "supervisor": "监事",
            "secretary_general": "秘书长",
            "finance": "财务负责人",
            "party_secretary": "党组织书记",
        },
        required=True,
    ),
    _event("started_on", "任职日期"),
    _day("term_ends_on", "任期届满日"),
    _event("ended_on", "离任日期"),
    _flag("is_official", "公职人员"),
    _flag("is_paid", "领薪"),
    _year("birth_year", "出生年份"),
    _text("kin_group", "亲属组"),
)

_LISTINGS = _table(
    "listings",
    "列入、移出决定",
    "listing_id",
    _code("list", "名单", LISTS, required=True),
    _code("action", "决定", {"listed": "列入", "relisted": "再次列入", "removed": "移出"}, required=True),
    _event("decided_on", "决定日期", required=True),
    _text("ground", "事由"),
)

_ASSESSMENTS = _table(
    "assessments",
    "等级评估",
    "assessment_id",
    _code("grade", "等级", {f"{n}A": f"{n}A级" for n in range(1, 6)}, required=True),
    _event("granted_on", "授予日期", required=True),
    _day("expires_on", "有效期至"),
    _event("withdrawn_on", "取消日期"),
)

_EXEMPTIONS = _table(
    "exemptions",
    "不负直接责任证明、异议、信用修复",
    "exemption_id",
    _code(
        "kind",
        "种类",
        {"no_direct_responsibility": "不负直接责任", "objection": "异议", "repair": "信用修复"},
        required=True,
    ),
    _text("refers_to", "所指记录"),
    _event("decided_on", "决定日期"),
    _code("outcome", "结果", {"granted": "成立", "rejected": "不成立", "pending": "审查中"}),
)

_PROCEDURES = _table(
    "procedures",
    "告知、陈述、核实、申请、复核",
    "procedure_id",
    _code("list", "名单", {**LISTS, "none": "无"}),
    _text("ground", "事由"),
    _text("refers_to", "所指记录"),
    _code(
        "step",
        "步骤",
        {
            "notice_sent": "告知书发出",
            "notice_received": "告知书送达",
            "notice_published": "公告",
            "statement_received": "收到陈述申辩",
            "verified": "已核实",
            "removal_applied": "申请移出",
            "case_opened": "立案",
            "department_notified": "通报部门",
            "responded": "已回应",
            "case_closed": "结案",
            "verdict_confirmed": "复核属实",
            "verdict_false_alarm": "复核误报",
            "override": "人工更改",
        },
        required=True,
    ),
    _event("done_on", "办理日期", required=True),
    _text("author", "经办人"),
    _day("expires_on", "有效期至"),
)

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        declared.name: declared
        for declared in (
            _ORGANIZATIONS,
            _FILINGS,
            _COMPLAINTS,
            _FUND_FLOWS,
            _PENALTIES,
            _INSPECTIONS,
            _POSITIONS,
            _LISTINGS,
            _ASSESSMENTS,
            _EXEMPTIONS,
            _PROCEDURES,
        )
    }
)
