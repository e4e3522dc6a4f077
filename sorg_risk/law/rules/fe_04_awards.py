"""FE-04, FE-05: awards without approval, management fees from branches; a person decides."""

from __future__ import annotations

from ..instruments import AWARDS, COOPERATION
from ..rule import Rule
from ..scope import Scope

RULES = (
    Rule(
        id="FE-04",
        zh="未经批准举办评比达标表彰，或者以此收费",
        en="awards or rankings without approval, or charged for",
        citation=AWARDS.at(3),
        works="person",
        works_zh="须由人决定：评比表彰不在登记数据内",
        scope=Scope(types=("association",)),
    ),
    Rule(
        id="FE-05",
        zh="向分支机构收取管理费",
        en="management fees from branches",
        citation=COOPERATION.at(10, 3),
        works="person",
        works_zh="须由人决定：分支机构不在登记数据内",
        scope=Scope(types=("association",)),
    ),
)
