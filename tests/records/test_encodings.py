"""Rows of two encodings are refused by name; one encoding is never taken for two."""

from __future__ import annotations

import io
import random

import pytest

from sorg_risk.errors import DataError
from sorg_risk.records import open
from sorg_risk.records.encodings import encoding_of

from .made import A

HEAD = "org_id,name,recorded_at\n"


def rows(*names: str) -> list[str]:
    return [f"{A},{name},2020-01-0{1 + number % 9}\n" for number, name in enumerate(names)]


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("declared", ["", 'encoding = "gb18030"'])
def test_a_file_of_two_encodings_is_refused_with_its_line(tmp_path, swap, declared):
    parts = [row.encode("gb18030") for row in rows("前海慈善基金会", "深圳市羽毛球协会", "福田区社工服务中心")]
    odd = rows("南山区志愿者联合会")[0].encode()
    content = HEAD.encode() + (odd + b"".join(parts) if swap else b"".join(parts) + odd)
    (tmp_path / "organizations.csv").write_bytes(content)
    (tmp_path / "m.toml").write_text(declared, encoding="utf-8")
    with pytest.raises(DataError, match=rf"two encodings: line {2 if swap else 5} is UTF-8") as problem:
        open(tmp_path, tmp_path / "m.toml")
    assert "organizations.csv" in str(problem.value)


def test_chinese_in_gb18030_is_one_encoding_whatever_it_says():
    """Thousands of short lines of common characters, each as likely as any to look like UTF-8."""
    chance = random.Random(15)
    common = [bytes([lead, trail]).decode("gb18030") for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFA)]
    for length in (2, 3, 6, 9):
        lines = ["".join(chance.choices(common, k=length)) for _ in range(20_000)]
        content = "\n".join(lines).encode("gb18030")
        assert encoding_of(io.BytesIO(content), "") == "gb18030"
        lines[7_000] = "行政处罚决定"
        mixed = b"\n".join(line.encode("utf-8" if number == 7_000 else "gb18030") for number, line in enumerate(lines))
        with pytest.raises(ValueError, match="line 7001 is UTF-8"):
            encoding_of(io.BytesIO(mixed), "")


def test_marks_and_utf_16_are_read_as_they_say():
    text = HEAD + rows("前海")[0]
    for encoding in ("utf-8-sig", "utf-16"):
        assert encoding_of(io.BytesIO(text.encode(encoding)), "") == encoding.removesuffix("-sig")
