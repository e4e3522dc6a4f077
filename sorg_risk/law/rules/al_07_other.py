"""AL-07 and SL-08: other situations that a law or an administrative regulation names (O60 art. 11(7), 15(8)); a person decides."""

from __future__ import annotations

from ..instruments import O60
from ..rule import Case, Rule
from ..worked import given, listing, org

RULES = (
    Rule(
        id="AL-07",
        zh="法律、行政法规规定应当列入活动异常名录的其他情形",
        en="other situations for which a law or an administrative regulation prescribes the abnormal list",
        citation=O60.at(11, 7),
        works="person",
        works_zh="须由人决定，仅见于列入决定",
        cases=(
            Case(
                "it stands only as a listing",
                "2025-06-30",
                given(org(), listing("2025-02-03", "AL-07")),
                ("abnormal_list listed AL-07 2025-02-03",),
            ),
        ),
    ),
    Rule(
        id="SL-08",
        zh="法律、行政法规规定应当列入严重违法失信名单的其他情形",
        en="other situations for which a law or an administrative regulation prescribes the serious list",
        citation=O60.at(15, 8),
        works="person",
        works_zh="须由人决定，仅见于列入决定",
        cases=(
            Case(
                "it stands only as a listing",
                "2025-06-30",
                given(org(), listing("2025-02-03", "SL-08")),
                ("serious_dishonesty_list listed SL-08 2025-02-03",),
            ),
        ),
    ),
)
