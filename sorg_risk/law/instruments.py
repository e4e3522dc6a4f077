"""The instruments 法律文件 the rules rest on: full name, when it could be known, when it was in force, how sure that is.

Two clocks: a text counts on an event day when it was in force then **and** had been promulgated by the day of judging. Where the day of
issue is not on record, the first day in force stands for it.

>>> O60.at(11, 5).zh
'《社会组织信用信息管理办法》（民政部令第60号）第十一条第五项'
>>> O60.at(11, 5).en
'Measures on Credit Information of Social Organisations (MCA Order 60), art. 11(5)'
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ..errors import LawError
from .scope import TYPES, Body, Level

OPEN: Final = dt.date(9999, 12, 31)
CHECKED_ON: Final = dt.date(2026, 11, 23)
"""The day on which the texts below were last compared with public sources."""
Certainty = Literal["R", "R2", "M", "U"]
"""How sure a text, a rule or a figure is.

``R``: read in a public source. ``R2``: read second-hand, in news, answers of an authority or a decided case that quotes it. ``M``: from
memory, the text was not seen. ``U``: unconfirmed; a flag that rests on it is provisional until somebody opens the official text. A mark with
``/U`` behind it (``R/U``) is only printed: the text was read as marked, but may have been amended since, and the amendment was not seen (see
`Question`); flags resting on it stay as they are.
"""
CERTAINTIES: Final[dict[str, tuple[str, str]]] = {
    "R": ("已见公开文本", "read in a public source"),
    "R2": ("经转引核对", "read second-hand"),
    "M": ("凭记忆", "from memory, text not seen"),
    "U": ("未经核实", "unconfirmed: a flag resting on it is provisional"),
}
assert tuple(CERTAINTIES) == get_args(Certainty)
_DIGITS: Final = "〇一二三四五六七八九"


def certain(certainty: str, whose: str) -> None:
    """Refuse a mark of certainty that does not exist."""
    if certainty not in CERTAINTIES:
        raise LawError(f"{whose}: certainty {certainty!r} is not one of {', '.join(CERTAINTIES)}.")


def numeral(number: int) -> str:
    """A number below one hundred in Chinese, as articles are counted.

    >>> numeral(8), numeral(11), numeral(20), numeral(63)
    ('八', '十一', '二十', '六十三')
    """
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


@dataclass(frozen=True)
class Question:
    """An open question about a text: from which day it may read otherwise, and what is not known."""

    since: dt.date
    zh: str
    en: str


@dataclass(frozen=True)
class Instrument:
    """One law, regulation, order or notice.

    ``types``: the types of organisations it addresses; ``level``: ``"national"`` where it addresses nationally registered bodies only.
    ``question``: what is not known about its present wording.
    """

    id: str
    zh: str
    en: str
    effective_from: dt.date
    effective_to: dt.date = OPEN
    issued: dt.date | None = None
    certainty: Certainty = "R2"
    checked_on: dt.date = CHECKED_ON
    types: tuple[str, ...] = TYPES
    level: Level = ""
    question: Question | None = None

    def __post_init__(self) -> None:
        certain(self.certainty, f"instrument {self.id}")
        if not (self.id and self.zh and self.en):
            raise LawError(f"instrument {self.id or 'without a name'} lacks its Chinese or English title; add it.")
        if self.effective_to < self.effective_from:
            raise LawError(f"instrument {self.id} ends on {self.effective_to}, before it begins; correct its days.")

    @property
    def promulgated(self) -> dt.date:
        """The day from which anyone could know it."""
        return self.issued or self.effective_from

    def addresses(self, body: Body) -> bool:
        """Whether it speaks to an organisation of this type and level."""
        return body.org_type in self.types and self.level in ("", body.level)

    def questioned(self, day: dt.date) -> bool:
        """Whether its wording may be another by a day."""
        return self.question is not None and self.question.since <= day

    def at(self, article: int | str = "", item: int | str = "") -> Citation:
        """A citation of an article, and of an item within it; text (``"47"``, ``"附则"``) is quoted as it is."""
        return Citation(self, article, item)


@dataclass(frozen=True)
class Citation:
    """Where a text stands, in the words an officer quotes."""

    instrument: Instrument
    article: int | str = ""
    item: int | str = ""

    @property
    def zh(self) -> str:
        """``《…》第十一条第五项``."""
        article = f"第{numeral(self.article)}条" if isinstance(self.article, int) else self.article
        item = f"第{numeral(self.item)}项" if isinstance(self.item, int) else self.item
        return f"{self.instrument.zh}{article}{item}"

    @property
    def en(self) -> str:
        """``… art. 11(5)``."""
        item = f"({self.item})" if self.item != "" else ""
        return f"{self.instrument.en}, art. {self.article}{item}" if self.article != "" else self.instrument.en


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


O60: Final = Instrument(
    "O60",
    "《社会组织信用信息管理办法》（民政部令第60号）",
    "Measures on Credit Information of Social Organisations (MCA Order 60)",
    _day("2018-01-24"),
    issued=_day("2018-01-24"),
)
REG_SG: Final = Instrument(
    "REG_SG",
    "《社会团体登记管理条例》",
    "Regulations on the Registration of Social Associations",
    _day("1998-10-25"),
    certainty="R",
    types=("association",),
    question=Question(
        _day("2026-03-20"),
        "2026年3月疑有修改决定公布，修改内容、施行日期和条文序号未见",
        "a decision of March 2026 may have amended it; its content, first day in force and numbering were not seen",
    ),
)
REG_SSI: Final = Instrument(
    "REG_SSI",
    "《民办非企业单位登记管理暂行条例》",
    "Interim Regulations on the Registration of Private Non-enterprise Units",
    _day("1998-10-25"),
    certainty="R",
    types=("service_institution",),
)
REG_FD: Final = Instrument(
    "REG_FD",
    "《基金会管理条例》",
    "Regulations on Foundations",
    _day("2004-06-01"),
    certainty="R",
    types=("foundation",),
)
CHARITY_2016: Final = Instrument(
    "CHARITY_2016",
    "《慈善法》（2016年）",
    "Charity Law (2016)",
    _day("2016-09-01"),
    _day("2024-09-04"),
    certainty="R",
)
CHARITY_2023: Final = Instrument(
    "CHARITY_2023",
    "《慈善法》（2023年修正）",
    "Charity Law (as amended 2023)",
    _day("2024-09-05"),
    issued=_day("2023-12-29"),
    certainty="R",
)
O59: Final = Instrument(
    "O59",
    "《慈善组织公开募捐管理办法》（民政部令第59号）",
    "Measures on Public Fundraising of Charities (MCA Order 59)",
    _day("2016-09-01"),
    _day("2024-09-04"),
)
O74: Final = Instrument(
    "O74",
    "《慈善组织公开募捐管理办法》（民政部令第74号）",
    "Measures on Public Fundraising of Charities (MCA Order 74)",
    _day("2024-09-05"),
    certainty="R",
)
O81: Final = Instrument(
    "O81",
    "《慈善组织信息公开办法》（民政部令第81号）",
    "Measures on Information Disclosure of Charities (MCA Order 81)",
    _day("2026-01-01"),
    certainty="R",
)
SPENDING_2016: Final = Instrument(
    "SPENDING_2016",
    "《关于慈善组织开展慈善活动年度支出和管理费用的规定》（民发〔2016〕189号）",
    "Rules on Annual Spending and Management Fees of Charities (Minfa 2016-189)",
    _day("2016-10-11"),
    _day("2025-12-31"),
)
SPENDING_2026: Final = Instrument(
    "SPENDING_2026",
    "《关于慈善组织开展慈善活动年度支出、管理费用和募捐成本的规定》（2026年）",
    "Rules on Annual Spending, Management Fees and Fundraising Costs of Charities (2026)",
    _day("2026-01-01"),
    issued=_day("2026-04-27"),
    certainty="U",
)
SSI_INSPECTION: Final = Instrument(
    "SSI_INSPECTION",
    "《民办非企业单位年度检查办法》（民政部令第27号）",
    "Measures on the Annual Inspection of Private Non-enterprise Units (MCA Order 27)",
    _day("2005-06-01"),
    types=("service_institution",),
)
SG_INSPECTION: Final = Instrument(
    "SG_INSPECTION",
    "《社会团体年度检查办法》",
    "Measures on the Annual Inspection of Social Associations",
    _day("2026-01-01"),
    issued=_day("2025-06-25"),
    types=("association",),
)
ZOMBIE: Final = Instrument(
    "ZOMBIE",
    "《民政部关于开展“僵尸型”社会组织专项整治行动的通知》（民发〔2021〕63号）",
    "Notice on Cleaning up Zombie Social Organisations (Minfa 2021-63)",
    _day("2021-01-01"),
    certainty="R",
)
FEES: Final = Instrument(
    "FEES",
    "《国务院办公厅关于进一步规范行业协会商会收费的通知》（国办发〔2020〕21号）",
    "Notice on Fees of Industry Associations (Guobanfa 2020-21)",
    _day("2020-07-02"),
    certainty="R",
)
AWARDS: Final = Instrument(
    "AWARDS",
    "《社会组织评比达标表彰活动管理暂行规定》（国评组发〔2012〕2号）",
    "Interim Rules on Awards by Social Organisations (Guopingzufa 2012-2)",
    _day("2012-03-13"),
)
COOPERATION: Final = Instrument(
    "COOPERATION",
    "《关于规范社会团体开展合作活动若干问题的规定》（民发〔2012〕166号）",
    "Rules on Cooperation by Social Associations (Minfa 2012-166)",
    _day("2012-09-27"),
    types=("association",),
)
FD_CONDUCT: Final = Instrument(
    "FD_CONDUCT",
    "《关于规范基金会行为的若干规定（试行）》（民发〔2012〕124号）",
    "Provisions on the Conduct of Foundations (Minfa 2012-124)",
    _day("2012-07-10"),
    types=("foundation",),
)
BRANCHES: Final = Instrument(
    "BRANCHES",
    "《民政部关于贯彻落实国务院取消社会团体分支机构、代表机构登记行政审批项目的决定有关问题的通知》（民发〔2014〕38号）",
    "Notice on Branches of Social Associations (Minfa 2014-38)",
    _day("2014-02-26"),
    types=("association",),
)
PARTY: Final = Instrument(
    "PARTY",
    "《关于加强社会组织党的建设工作的意见（试行）》（中办发〔2015〕51号）",
    "Opinions on Party Building in Social Organisations (Zhongbanfa 2015-51)",
    _day("2015-09-01"),
    certainty="M",
)
CADRES: Final = Instrument(
    "CADRES",
    "《中共中央组织部关于规范退（离）休领导干部在社会团体兼职问题的通知》（中组发〔2014〕11号）及有关规定",
    "Rules on Officials Holding Posts in Social Associations (Zhongzufa 2014-11 and others)",
    _day("2014-06-25"),
    certainty="M",
    types=("association",),
)
CHARTER: Final = Instrument(
    "CHARTER",
    "《社会团体章程示范文本》",
    "Model Charter of Social Associations",
    _day("1998-10-25"),
    certainty="M",
    types=("association",),
)
CHARTER_SSI: Final = Instrument(
    "CHARTER_SSI",
    "《民办非企业单位（法人）章程示范文本》",
    "Model Charter of Private Non-enterprise Units",
    _day("1998-10-25"),
    certainty="M",
    types=("service_institution",),
)
SZ_TRADE: Final = Instrument(
    "SZ_TRADE",
    "《深圳经济特区行业协会条例》",
    "Regulations of the Shenzhen Special Economic Zone on Industry Associations",
    _day("2014-04-01"),
    issued=_day("2013-12-25"),
)
SZ_REPORT: Final = Instrument(
    "SZ_REPORT",
    "《深圳市社会组织年度工作报告管理办法》（深民规〔2016〕5号）",
    "Shenzhen Measures on Annual Work Reports of Social Organisations (Shenmingui 2016-5)",
    _day("2016-01-01"),
    certainty="R",
)
SZ_CREDIT: Final = Instrument(
    "SZ_CREDIT",
    "《深圳经济特区社会信用条例》",
    "Regulations of the Shenzhen Special Economic Zone on Social Credit",
    _day("2023-03-01"),
    issued=_day("2022-12-29"),
    certainty="R",
)
ASSESSMENT_2011: Final = Instrument(
    "ASSESSMENT_2011",
    "《社会组织评估管理办法》（民政部令第39号）",
    "Measures on the Assessment of Social Organisations (MCA Order 39)",
    _day("2011-03-01"),
    _day("2026-02-28"),
)
ASSESSMENT_2026: Final = Instrument(
    "ASSESSMENT_2026",
    "《社会组织评估管理办法》（2026年）",
    "Measures on the Assessment of Social Organisations (2026)",
    _day("2026-03-01"),
)
ASSESSMENT_NOTICE: Final = Instrument(
    "ASSESSMENT_NOTICE",
    "《全国性社会组织评估管理规定》",
    "Rules on the Assessment of National Social Organisations",
    _day("2021-12-01"),
    level="national",
)
REPAIR_2023: Final = Instrument(
    "REPAIR_2023",
    "《失信行为纠正后的信用信息修复管理办法（试行）》（国家发展改革委令第58号）",
    "Interim Measures on Credit Repair (NDRC Order 58)",
    _day("2023-05-01"),
    _day("2026-03-31"),
    certainty="M",
)
REPAIR_2026: Final = Instrument(
    "REPAIR_2026",
    "《信用修复管理办法》（国家发展改革委令第36号）",
    "Measures on Credit Repair (NDRC Order 36)",
    _day("2026-04-01"),
    issued=_day("2025-11-20"),
    certainty="R",
)
PENALTY_LAW: Final = Instrument(
    "PENALTY_LAW",
    "《行政处罚法》（2021年修订）",
    "Law on Administrative Penalties (as revised 2021)",
    _day("2021-07-15"),
    certainty="M",
)
CIVIL_CODE: Final = Instrument("CIVIL_CODE", "《民法典》", "Civil Code", _day("2021-01-01"), certainty="M")
