"""AN-01, AN-02: by when associations and service institutions report; what is late follows from AL-01."""

from __future__ import annotations

from ..instruments import REG_SG, REG_SSI
from ..rule import Case, Rule
from ..scope import Scope
from ..worked import SSI, given, org, reports

RULES = (
    Rule(
        id="AN-01",
        zh="社会团体先报业务主管单位初审，再按期报送登记管理机关（期限见年度报告期限表）",
        en="associations report to the supervising unit first, then to the registration authority by the day of the table of deadlines",
        citation=REG_SG.at(28),
        works="deadlines",
        works_zh="为AL-01提供期限",
        scope=Scope(types=("association",)),
        subject="report_deadline",
        certainty="R",
        cases=(
            Case("31 May is in time", "2023-05-31", given(org(), reports(2020, 2021)), shows="AL-01"),
            Case(
                "1 June is not",
                "2023-06-01",
                given(org(), reports(2020, 2021)),
                ("abnormal_list recommend_listing AL-01 2023-06-01",),
                shows="AL-01",
            ),
            Case(
                "Shenzhen's year 2018 was due a month later",
                "2019-06-30",
                given(org(registered="2018-01-08")),
                shows="AL-01",
            ),
            Case(
                "an industry association of Shenzhen is due by 31 March",
                "2023-04-01",
                given(org(is_industry_association=True), reports(2020, 2021)),
                ("abnormal_list recommend_listing AL-01 2023-04-01",),
                shows="AL-01",
            ),
        ),
    ),
    Rule(
        id="AN-02",
        zh="社会服务机构先报业务主管单位初审，再按期报送登记管理机关（期限见年度报告期限表）",
        en="service institutions report to the supervising unit first, then to the registration authority by the day of the table of deadlines",
        citation=REG_SSI.at(23),
        works="deadlines",
        works_zh="为AL-01提供期限",
        scope=Scope(types=("service_institution",)),
        subject="report_deadline",
        certainty="R",
        cases=(
            Case(
                "31 May 2025 is a public holiday: due on 3 June",
                "2025-06-03",
                given(org(SSI), reports(2020, 2021, 2022, 2023, of=SSI)),
                shows="AL-01",
            ),
        ),
    ),
)
