"""The tables of the registry: columns, kinds, words and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from .declare import Column, Table, code, count, day, declared, division, event, flag, identifier, money, text, year

TYPES = {"association": "社会团体", "foundation": "基金会", "service_institution": "社会服务机构"}
LISTS = {"abnormal": "活动异常名录", "serious_dishonesty": "严重违法失信名单"}

_ORGANIZATIONS = declared(
    "organizations",
    "社会组织",
    "org_id",
    text("name", "名称"),
    code(
        "org_type",
        "类型",
        TYPES,
        decisive=True,
    ),
    flag("is_industry_association", "行业协会商会"),
    flag("is_charity", "慈善组织"),
    flag("has_public_fundraising", "公开募捐资格"),
    flag("is_community", "社区社会组织"),
    code("registration", "登记方式", {"direct": "直接登记", "dual": "双重管理", "decoupled": "已脱钩"}),
    text("supervising_unit", "业务主管单位"),
    text("industry_department", "行业管理部门"),
    text("district", "行政区划"),
    division("authority", "登记管理机关区划"),
    code(
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
    event("registered_on", "成立登记日期"),
    money("registered_capital", "注册资金"),
    code("status", "状态", {"active": "正常", "deregistered": "注销", "revoked": "撤销/吊销"}, decisive=True),
    event("status_on", "状态日期"),
)

_FILINGS = declared(
    "filings",
    "年报、审计、换届、变更、公开",
    "filing_id",
    code(
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
    year("fiscal_year", "会计年度", decisive=True),
    day("due_on", "截止日期"),
    event("filed_on", "报送日期"),
    event("accepted_on", "受理日期"),
    event("returned_on", "退回日期"),
    money("total_income", "总收入", signed=True),
    money("donation_income", "捐赠收入"),
    money("government_income", "政府补助收入"),
    money("fee_income", "会费及服务收入"),
    money("total_spending", "总支出"),
    money("charitable_spending", "慈善活动支出"),
    money("management_fee", "管理费用", signed=True),
    money("fundraising_cost", "募捐成本", signed=True),
    money("staff_pay", "工资福利"),
    money("office_cost", "办公支出"),
    money("total_assets", "总资产"),
    money("net_assets", "净资产", signed=True),
    money("registered_capital_now", "现注册资金"),
    count("staff", "从业人员"),
    count("members", "会员数"),
    count("party_members", "党员数"),
    flag("has_party_organization", "已建党组织"),
    count("directors", "理事数"),
    count("paid_directors", "领薪理事数"),
    count("related_directors", "近亲理事数"),
    count("supervisors", "监事数"),
    count("council_meetings", "理事会会议次数"),
    count("fee_tiers", "会费档次"),
    flag("fee_by_secret_ballot", "会费无记名投票"),
    count("activities_held", "开展活动次数"),
    code(
        "audit_opinion",
        "审计意见",
        {"unqualified": "无保留", "qualified": "保留", "adverse": "否定", "disclaimer": "无法表示"},
    ),
)

_COMPLAINTS = declared(
    "complaints",
    "投诉举报",
    "complaint_id",
    event("received_on", "收到日期", required=True),
    code(
        "channel",
        "渠道",
        {"hotline": "热线", "letter": "来信", "visit": "来访", "online": "网络", "transfer": "转办", "media": "媒体"},
    ),
    text("category", "类别"),
    text("text", "内容"),
    Column("severity", "integer", "严重程度", lowest=1, highest=5),
    flag("substantiated", "查实"),
    event("closed_on", "办结日期"),
)

_FUND_FLOWS = declared(
    "fund_flows",
    "资金流水",
    "flow_id",
    event("booked_on", "入账日期", required=True),
    code("direction", "方向", {"in": "收入", "out": "支出"}, required=True),
    Column("amount", "money", "金额", required=True, above=0.0),
    identifier("counterparty_id", "对方标识", "open"),
    code(
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
    flag("is_related_party", "关联方"),
    code(
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
    code("account", "账户", {"registered": "备案账户", "unregistered": "未备案账户", "cash": "现金"}),
)

_PENALTIES = declared(
    "penalties",
    "行政处罚与司法",
    "penalty_id",
    identifier("decision_id", "决定书文号", "document"),
    event("decided_on", "决定日期", required=True),
    code(
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
    money("amount", "金额"),
    text("authority", "决定机关"),
    event("lifted_on", "解除日期"),
)

_INSPECTIONS = declared(
    "inspections",
    "检查、整改、专用信函",
    "inspection_id",
    code(
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
    event("issued_on", "发出日期", required=True),
    day("deadline_on", "期限"),
    code(
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
        decisive=True,
    ),
    event("completed_on", "完成日期"),
)

_POSITIONS = declared(
    "positions",
    "负责人任职",
    "position_id",
    identifier("person_id", "人员代号", "open", required=True),
    code(
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
    event("started_on", "任职日期"),
    day("term_ends_on", "任期届满日"),
    event("ended_on", "离任日期"),
    flag("is_official", "公职人员"),
    flag("is_paid", "领薪"),
    year("birth_year", "出生年份"),
    identifier("kin_group", "亲属组", "open"),
)

_LISTINGS = declared(
    "listings",
    "列入、移出决定",
    "listing_id",
    code("list", "名单", LISTS, required=True),
    code("action", "决定", {"listed": "列入", "relisted": "再次列入", "removed": "移出"}, required=True),
    event("decided_on", "决定日期", required=True),
    identifier("ground", "事由", "rule", decisive=True),
)

_ASSESSMENTS = declared(
    "assessments",
    "等级评估",
    "assessment_id",
    code("grade", "等级", {f"{n}A": f"{n}A级" for n in range(1, 6)}, required=True),
    event("granted_on", "授予日期", required=True),
    day("expires_on", "有效期至"),
    event("withdrawn_on", "取消日期"),
)

_EXEMPTIONS = declared(
    "exemptions",
    "不负直接责任证明、异议、信用修复",
    "exemption_id",
    code(
        "kind",
        "种类",
        {"no_direct_responsibility": "不负直接责任", "objection": "异议", "repair": "信用修复"},
        required=True,
    ),
    identifier("refers_to", "所指记录", "reference"),
    event("decided_on", "决定日期"),
    code("outcome", "结果", {"granted": "成立", "rejected": "不成立", "pending": "审查中"}, decisive=True),
)

_PROCEDURES = declared(
    "procedures",
    "告知、陈述、核实、申请、复核",
    "procedure_id",
    code("list", "名单", {**LISTS, "none": "无"}, decisive=True),
    identifier("ground", "事由", "rule", decisive=True),
    identifier("refers_to", "所指记录", "reference", decisive=True),
    code(
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
    event("done_on", "办理日期", required=True),
    text("author", "经办人"),
    day("expires_on", "有效期至", decisive=True),
)

_REPORT_NOTICES = declared(
    "report_notices",
    "年度报告通知",
    "notice_id",
    division("authority", "登记管理机关区划", (2, 4, 6), decisive=True),
    code("org_type", "类型", TYPES, decisive=True),
    flag("is_charity", "慈善组织", decisive=True),
    flag("is_industry_association", "行业协会商会", decisive=True),
    replace(year("fiscal_year", "会计年度"), required=True),
    day("registered_by", "何日以前登记", decisive=True),
    day("opens_on", "开始日期", decisive=True),
    day("due_on", "截止日期", decisive=True),
    identifier("document", "文号", "document"),
    of_nobody=True,
)
"""Every column says whom a notice binds or by when: one that cannot be read must not pass for an empty one, which means everyone."""

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
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
            _REPORT_NOTICES,
        )
    }
)

SHARED = tuple(table.name for table in TABLES.values() if not table.owner)
"""Tables whose rows belong to no organisation."""
