"""Personal numbers in every spelling tried, and the numbers that only look like them."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from sorg_risk.records.codes import is_valid
from sorg_risk.records.pii import SUSPECT, mask_column, mask_key, mask_pii, mask_shown

ID, OLD_ID, PHONE, CARD = "11010519491231002X", "110105491231002", "13800138000", "6222020200112233446"
WIDE = str.maketrans("0123456789X-", "０１２３４５６７８９Ｘ－")
CHINESE = str.maketrans("0123456789", "零一二三四五六七八九")
GAPS = [" ", "-", ".", "·", "\n", "\u200b", "\u00a0", "—", " - ", "\u3000", "\ufeff", "‑"]
AROUND = ["{}", "张三{}", "身份证{}。", "联系人 {}，请回电", "({})", "ID:{};"]


def grouped(number: str, sizes: tuple[int, ...], gap: str) -> str:
    cuts = [0, *itertools.accumulate(sizes)]
    return gap.join(number[a:b] for a, b in itertools.pairwise(cuts))


SPELLINGS = {
    *(around.format(number) for around in AROUND for number in (ID, OLD_ID, PHONE, CARD, ID.lower())),
    *(number.translate(WIDE) for number in (ID, OLD_ID, PHONE, CARD)),
    *(number.translate(CHINESE) for number in (PHONE, CARD)),
    *(grouped(ID, sizes, gap) for sizes in ((6, 8, 4), (6, 4, 2, 2, 4), (4, 4, 4, 4, 2)) for gap in GAPS),
    *(grouped(PHONE, sizes, gap) for sizes in ((3, 4, 4), (3, 8), (1,) * 11) for gap in GAPS),
    *(grouped(CARD, (4, 4, 4, 4, 3), gap) for gap in GAPS),
    *(grouped(OLD_ID, (6, 6, 3), gap) for gap in GAPS),
    *(f"{prefix}{PHONE}" for prefix in ("+86", "+86 ", "86-", "0086", "0086 ", "（+86）", "tel:", "手机", "wx")),
    *(f"{a}{b}" for a, b in itertools.product((ID, "110105199001011237", PHONE), repeat=2) if a != b),
    f"{PHONE}13900139000",
    f"{PHONE}/13900139000",
    f"{PHONE}、13900139000",
    "zhang.san@example.com",
    "邮箱zhang_san+1@mail.example.com.cn",
    "zhangsan＠example．com",
    "护照E12345678",
    "护照号码：G12345678",
    "passport no. EA1234567",
    "持E12345678入境",
    "港澳通行证C12345678",
    "回乡证H0123456789",
    "台胞证12345678",
    "中国护照 EB7654321",
    f"1.{PHONE}",
}
WRONG_CHECK_DIGIT = ("110105194912310023", "440305198002300018".replace("0230", "0228"))


def digits_of(text: str) -> str:
    numerals = str.maketrans("零一二三四五六七八九", "0123456789")
    return "".join(c for c in unicodedata.normalize("NFKC", text).translate(numerals) if c.isdecimal())


def shows(text: str) -> bool:
    """Whether a whole personal number can still be read."""
    digits = digits_of(text)
    numbers = (ID[:17], OLD_ID, PHONE, "13900139000", CARD, "110105199001011237", "12345678", "1234567", "0123456789")
    return any(number in digits for number in (*numbers, "7654321")) or re.search(r"zhang.?san", text) is not None


@pytest.mark.parametrize("text", sorted(SPELLINGS), ids=ascii)
def test_no_spelling_of_a_personal_number_is_shown(text):
    shown = mask_pii(text)
    assert shows(text)
    assert not shows(shown)
    assert mask_pii(shown) == shown


def test_the_table_of_spellings_is_long_enough():
    assert len(SPELLINGS) >= 150


@pytest.mark.parametrize("number", WRONG_CHECK_DIGIT)
def test_a_slip_in_the_check_digit_is_no_less_personal(number):
    assert mask_pii(number) == f"{number[:6]}********{number[14:]}"


@pytest.mark.parametrize(
    "text",
    [
        "13800138000.00",
        "13812345678元",
        "¥13812345678",
        "人民币 13812345678",
        "收入13812345678.5",
        "1,380,013,800.00",
        "2024-01-01 2025-12-31 2026",
        "2023-10-01 12:30:45.123456",
        "深民罚〔2023〕1号",
        "91440300708461136T",
        "51440300MJL0000002",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "a13800138000b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7",
        "E00000012",
        "北纬22.543100，东经114.057900",
        "4403000012345.67",
        "report@2026.xlsx",
        "第1380013800050号",
        "版本1.3.8.0",
        "0.13800138000",
        "contribution: -0.6222020200112233446",
    ],
)
def test_other_numbers_stay(text):
    assert mask_pii(text) == text


def random_numbers(kind: str, count: int) -> list[str]:
    rng = random.Random(kind)
    make = {
        "amounts": lambda: f"{rng.randrange(1, 10**10) / 100:.2f}",
        "days": lambda: f"20{rng.randrange(10, 30)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "moments": lambda: f"20{rng.randrange(10**12):012d}",
        "keys": lambda: f"{rng.choice('CPFAEL')}{rng.randrange(10**6):08d}",
        "references": lambda: f"fund_flows:{rng.randrange(10**16, 10**17)}",
        "digests": lambda: f"{rng.randrange(16**64):064x}",
    }[kind]
    return [make() for _ in range(count)]


@pytest.mark.parametrize("kind", ["amounts", "days", "moments", "keys", "references", "digests"])
def test_false_alarms_on_money_days_keys_and_digests(kind):
    texts = random_numbers(kind, 2000)
    assert [text for text in texts if mask_shown(text) != text] == []


def test_false_alarms_on_credit_codes(sample_codes):
    assert [code for code in sample_codes if mask_shown(code) != code] == []


@pytest.fixture
def sample_codes() -> list[str]:
    from sorg_risk.simulate import simulate

    codes = simulate(300, 3)["organizations"]["org_id"].tolist()
    assert all(map(is_valid, codes))
    return codes


def test_keys_are_masked_for_a_whole_identity_number_only():
    luck = next(n for n in map(str, range(62220202001122330, 62220202001122400)) if luhn.is_valid(n))
    assert mask_key(luck) == luck
    assert mask_shown(f"fund_flows:{luck}") == f"fund_flows:{luck}"
    assert mask_pii(f"账号{luck}") != f"账号{luck}"
    assert mask_key(f"fund_flows:{luck}") == f"fund_flows:{luck}"
    assert mask_key(PHONE) == PHONE
    assert mask_key(f"positions:{ID}-chair") == "positions:110105********002X-chair"


@given(st.text(alphabet="0123456789Xx abf-·.\n零一@EG", max_size=60))
def test_masking_twice_is_masking_once(text):
    assert mask_pii(mask_pii(text)) == mask_pii(text)


@pytest.mark.parametrize("text", sorted(SPELLINGS), ids=ascii)
def test_the_quick_look_at_a_column_misses_nothing(text):
    import pyarrow as pa
    import pyarrow.compute as pc

    assert pc.match_substring_regex(pa.array([text]), SUSPECT)[0].as_py()


def test_a_column_is_masked_once_per_text():
    assert mask_column([PHONE, None, PHONE]).tolist() == ["138****8000", "", "138****8000"]
