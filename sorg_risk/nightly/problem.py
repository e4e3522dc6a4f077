"""What does not hold in an output folder, in words an operator understands, each with what mends it.

>>> problem = Problem.of("file_changed", run="runs/2026-06-15/0123456789ab", file="flags.csv")
>>> problem, problem.text("zh")
('runs/2026-06-15/0123456789ab: flags.csv was changed', 'runs/2026-06-15/0123456789ab：文件 flags.csv 已被改动')
>>> problem.cure("en", "/srv/out")
'restore it from a copy of /srv/out'
"""

from __future__ import annotations

from typing import Any, Final, Self

CURES: Final = {
    "restore": ("restore it from a copy of {out}", "请用 {out} 的备份恢复"),
    "repair": ("sorg-risk verify {out} --repair", "sorg-risk verify {out} --repair"),
    "restore_log": (
        "restore audit.sqlite and audit.head from one copy of {out}; nothing is written until then",
        "请用 {out} 的同一份备份恢复 audit.sqlite 与 audit.head；恢复之前系统不再写入",
    ),
    "restore_ledger": (
        "restore the folder ledger/rows from a copy of {out} made after the last night; nothing is written until then",
        "请用最近一次夜间作业之后的 {out} 备份恢复目录 ledger/rows；恢复之前系统不再写入",
    ),
    "restore_all": (
        "restore the whole folder {out} from a copy that agrees with the head you noted",
        "请用与所记链尾一致的备份恢复整个目录 {out}",
    ),
    "look": (
        "nobody but this program writes there: find out who did, then remove it by hand",
        "该处只应由本系统写入：请查明来源后人工删除",
    ),
    "unlink": (
        "replace the link by the thing itself; find out who made it",
        "请以文件或目录本身替换该链接，并查明何人所建",
    ),
}
"""What mends a problem, by name: English and Chinese."""

KINDS: Final = {
    "pointer_unreadable": ("CURRENT: {why}", "CURRENT（当前结果指针）：{why}", "repair"),
    "pointer_behind": (
        "CURRENT names {run}, and a run of {day} is published",
        "CURRENT 指向 {run}，而 {day} 的结果已经发布",
        "repair",
    ),
    "log_unreadable": ("{why}", "审计日志无法读取：{why}", "restore_log"),
    "entry_missing": (
        "audit entry {number} is missing: after entry {before} comes {found}",
        "审计日志缺少第 {number} 条：第 {before} 条之后是第 {found} 条",
        "restore_log",
    ),
    "entry_unchained": (
        "audit entry {number} does not follow the one before it: reordered, or an entry was exchanged",
        "审计日志第 {number} 条与前一条不相衔接：顺序被改动，或有条目被替换",
        "restore_log",
    ),
    "entry_edited": (
        "audit entry {number} was edited: its words do not give its digest",
        "审计日志第 {number} 条被改动：内容与摘要不符",
        "restore_log",
    ),
    "head_missing": (
        "audit.head is missing: the end of the audit log cannot be proven",
        "缺少 audit.head：无法证明审计日志的结尾",
        "restore_log",
    ),
    "head_damaged": ("audit.head was damaged: it names no entry", "audit.head 已损坏：未指明任何条目", "restore_log"),
    "log_cut": (
        "the audit log was cut short: it ends at entry {last}, the last one written was {number}",
        "审计日志被截短：止于第 {last} 条，而最后写入的是第 {number} 条",
        "restore_log",
    ),
    "head_other": (
        "audit entry {number} is not the one that audit.head names: the log or its head was exchanged",
        "审计日志第 {number} 条与 audit.head 所记不符：日志或链尾被替换",
        "restore_log",
    ),
    "head_behind": (
        "audit entries after {number} were added without audit.head",
        "第 {number} 条之后的审计条目未经 audit.head 登记",
        "restore_log",
    ),
    "head_noted": (
        "the audit log is not the one whose entry {number} was noted elsewhere: it was cut short or exchanged since",
        "审计日志与另处记下的第 {number} 条不符：此后被截短或替换",
        "restore_all",
    ),
    "run_unaudited": (
        "{run} was never written to the audit log",
        "{run} 从未写入审计日志",
        "repair",
    ),
    "run_gone": ("{run} was published and is gone", "{run} 已发布，但现已不存在", "restore"),
    "run_unfinished": (
        "{run}: its publication was interrupted; everything of it is there",
        "{run}：发布过程被中断，其内容俱在",
        "repair",
    ),
    "run_removed": (
        "{run} was removed according to the audit log and lies there",
        "{run}：审计日志记载已清除，但仍在原处",
        "repair",
    ),
    "held_removed": (
        "{run} is on legal hold and was removed",
        "{run} 处于依法留存状态，却已被清除",
        "restore",
    ),
    "manifest_unnamed": (
        "{run}: the audit log does not say which manifest was published",
        "{run}：审计日志未记载所发布的清单",
        "restore_log",
    ),
    "manifest_other": (
        "{run}: manifest.json is not the one that was published",
        "{run}：manifest.json 不是发布时的清单",
        "repair",
    ),
    "run_unreadable": ("{run}: {why}", "{run}：无法读取（{why}）", "restore"),
    "file_missing": ("{run}: {file} is missing", "{run}：缺少文件 {file}", "restore"),
    "file_strange": ("{run}: {file} does not belong to it", "{run}：文件 {file} 不属于该结果", "look"),
    "file_changed": ("{run}: {file} was changed", "{run}：文件 {file} 已被改动", "restore"),
    "decision_other": (
        "{run}: its decision does not give its run id",
        "{run}：决定摘要与编号不符",
        "restore",
    ),
    "settings_other": (
        "{run}: its settings are not those it was decided with",
        "{run}：清单中的设置与决定时不符",
        "restore",
    ),
    "kept_changed": ("ledger: {file} was changed", "台账：清单 {file} 已被改动", "repair"),
    "kept_missing": (
        "ledger: the manifest of {run} is missing",
        "台账：缺少 {run} 的清单",
        "repair",
    ),
    "kept_strange": (
        "ledger: {file} belongs to no run that was ever published",
        "台账：清单 {file} 不属于任何已发布的结果",
        "look",
    ),
    "rows": ("ledger: {why}", "台账：{why}", "restore_ledger"),
    "delivery_missing": (
        "ledger: delivery {number} of {run} is missing",
        "台账：缺少 {run} 所用的第 {number} 次交付",
        "restore_ledger",
    ),
    "ledger_forged": (
        "ledger: its state is not the one that audit entry {number} names: rows were changed, added or taken away since",
        "台账：自审计日志第 {number} 条以来，数据行或交付被改动、增加或删除，其状态与该条所记不符",
        "restore_ledger",
    ),
    "ledger_turned_back": (
        "ledger: it was turned back to what it was at audit entry {old}; entry {number} names a later state",
        "台账：被退回到审计日志第 {old} 条时的状态，而第 {number} 条所记为更晚的状态",
        "restore_ledger",
    ),
    "model_missing": ("ledger: the model of {run} is missing", "台账：缺少 {run} 所用的模型", "restore"),
    "model_changed": (
        "ledger: the model of {run} was changed: {why}",
        "台账：{run} 所用的模型已被改动：{why}",
        "restore",
    ),
    "model_other": (
        "ledger: the model of {run} was exchanged for another one",
        "台账：{run} 所用的模型已被另一模型替换",
        "restore",
    ),
    "holds_changed": (
        "holds.json is not what the audit log says of legal holds: {runs}",
        "holds.json 与审计日志所记的依法留存不符：{runs}",
        "repair",
    ),
    "holds_commitment": (
        "audit entry {number}: its list of legal holds is not the one the log gives",
        "审计日志第 {number} 条：其依法留存名单与日志所载不符",
        "restore_log",
    ),
    "symlink": (
        "{path} is a symbolic link and may lead out of the folder",
        "{path} 是符号链接，可能指向目录之外",
        "unlink",
    ),
    "hard_link": (
        "{path} has a second name elsewhere, under which it can be written",
        "{path} 在别处另有名称（硬链接），可经其改写",
        "unlink",
    ),
}
"""Every problem by its kind: English, Chinese, and the name of its cure."""


class Problem(str):
    """The English sentence; `text` gives it in either language, `cure` what mends it."""

    __slots__ = ("kind", "words")
    kind: str
    words: dict[str, Any]

    @classmethod
    def of(cls, kind: str, **words: Any) -> Self:
        """A problem of a kind, about some things."""
        problem = cls(KINDS[kind][0].format(**words))
        problem.kind, problem.words = kind, words
        return problem

    def text(self, lang: str = "en") -> str:
        """The sentence in Chinese (``"zh"``) or English."""
        return KINDS[self.kind][1 if lang == "zh" else 0].format(**self.words)

    def cure(self, lang: str, out: object, *, was_repaired: bool = False) -> str:
        """What mends it: a command, or what to do by hand; ``was_repaired``: the command that repairs has been tried."""
        name = KINDS[self.kind][2]
        words = CURES["restore" if was_repaired and name == "repair" else name]
        return words[1 if lang == "zh" else 0].format(out=out)
