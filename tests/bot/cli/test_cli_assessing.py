"""`assess …` and `index …`: the acts of the assessments on the command line, on a SQLite file."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.__main__ import main
from monitor.clock import business_day, system_clock
from monitor.errors import AppError
from monitor.index.periods import RunKind, week_period
from monitor.index.videos import NewVideo, hash_link
from monitor.store.database import Database
from monitor.store.index.runs import find_run
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.usecases.assessment.acts import object_to
from monitor.usecases.assessment.sitting import Desk, Sitting
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.submit_video import VideoDesk
from tests.cast import Cast, settle
from tests.monitor.assess_help import PDF

CONFIG = Path(__file__).parents[3] / "config.toml"
YEAR = str(business_day(system_clock()).year)
LINK = "https://v.example.cn/Ab1"
Run = Callable[..., Result]


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    file = tmp_path / "x.db"
    file.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("QINGXUN_DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.setenv("QINGXUN_ASSESSMENT_EVIDENCE_FOLDER", str(tmp_path / "evidence"))
    opened = Database(f"sqlite:///{file}")
    yield opened
    opened.close()


@pytest.fixture
def cast(database: Database) -> Cast:
    return settle(database)


@pytest.fixture
def run(cast: Cast) -> Run:
    def call(*arguments: str) -> Result:
        assert cast
        return CliRunner().invoke(main, ["--config", str(CONFIG), *arguments])

    return call


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Two different documents."""
    for name, content in (("制度.pdf", PDF), ("会议.pdf", PDF + b"1")):
        (tmp_path / name).write_bytes(content)
    return str(tmp_path / "制度.pdf"), str(tmp_path / "会议.pdf")


def done(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def refused(result: Result) -> str:
    assert isinstance(result.exception, AppError), (result.output, result.exception)
    return result.exception.user_text


def audit(database: Database) -> list[tuple[int, str, str]]:
    rows = table_of(AuditRow)
    with database.reading() as connection:
        query = select(rows.c.id, rows.c.actor, rows.c.action).order_by(rows.c.id)
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def score_everything(run: Run, files: tuple[str, str]) -> None:
    """Give 鹭川 full points in everything, with the lost items supplied."""
    done(run("assess", "supply", YEAR, "三3", "2", "--reference", "琼团办字1号"))
    done(run("assess", "supply", YEAR, "四", "1.5", "--reference", "琼团办字1号"))
    for item, points in {"一1": "1", "一2": "1", "二1": "0.2", "三1": "0.5", "三2": "0.5", "三3": "2",
                         "四": "1.5"}.items():  # fmt: skip
        done(run("assess", "score", YEAR, "LC", item, points, "--reason", "齐全"))
    done(run("assess", "correct", YEAR, "LC", "一3", "document", "1", "--reason", "核对"))
    done(run("assess", "correct", YEAR, "LC", "一3", "records", "8", "--reason", "核对"))
    for kind, item in (("members", "二2a"), ("groups", "二2b"), ("organisations", "二2c")):
        done(run("assess", "set-base", "LC", kind, "100", "--year", YEAR, "--source", "上报表"))
        done(run("assess", "correct", YEAR, "LC", item, "covered", "95", "--reason", "核对"))
    for clause in ("HN-A2.2a", "HN-A2.2b", "D-18", "D-04", "D-10"):
        done(run("assess", "confirm", YEAR, clause, "--reference", "琼团办字2号"))
    done(run("assess", "begin", YEAR, "LC", "--reason", "未交自评"))


def test_every_act_says_its_record_number_and_who_it_is_for(run: Run, database: Database) -> None:
    output = done(run("assess", "set-base", "LC", "members", "100", "--year", YEAR, "--source", "团统1号",
                      "--by", "陈屿"))  # fmt: skip
    number, actor, action = audit(database)[-1]
    assert (actor, action) == ("cli:陈屿", "assess.base")
    assert output == f"记录编号 {number}\n✅ 已登记 LC {YEAR} 年团员青年数 100，来源：团统1号\n"


def test_evidence_and_meetings_are_kept_once_and_can_be_taken_out(run: Run, files: tuple[str, str]) -> None:
    document, record = files
    assert "材料编号 1" in done(
        run("assess", "add-evidence", YEAR, "LC", "一3", document, "--slot", "document")
    )
    again = done(run("assess", "add-evidence", YEAR, "LC", "一3", document, "--slot", "document"))
    assert "未重复登记" in again
    assert "会议编号 1" in done(run("assess", "add-meeting", "LC", f"{YEAR}-01-01", "专题会", record))
    assert "0.30/1.00" in done(run("assess", YEAR, "LC"))
    assert "已作废会议 1" in done(run("assess", "void-meeting", "1", "--reason", "重复"))
    assert "已移出 HN-A1.3 制度.pdf" in done(run("assess", "remove-evidence", "1"))
    assert "—/1.00" in done(run("assess", YEAR, "LC")).splitlines()[3]


def test_a_year_is_published_exported_and_withdrawn(run: Run, files: tuple[str, str], tmp_path: Path) -> None:
    score_everything(run, files)
    published = done(run("assess", "publish", YEAR, "LC"))
    assert f"✅ 已公布 鹭川团市委 {YEAR} 年：已评 10.00" in published
    assert "等次 优秀（正式）" in published
    assert "LC 鹭川团市委：10.00" in done(run("assess", "awards", YEAR))
    done(run("assess", "decide", YEAR, "LC", "--minutes", "2026-12", "--on", f"{YEAR}-01-02", "--text",
             "=定为良好", "--grade", "良好"))  # fmt: skip
    assert "LC 鹭川团市委：10.00，良好" in done(run("assess", "results", YEAR))
    assert "可评先进 0 个" in done(run("assess", "awards", YEAR))
    table, whole = tmp_path / "r.csv", tmp_path / "r.json"
    done(run("assess", "export", YEAR, str(table)))
    with table.open(encoding="utf-8-sig", newline="") as wire:
        (row,) = csv.DictReader(wire)
    assert (row["单位编号"], row["得分（不折算）"], row["等次"], row["计算等次"]) == (
        "LC",
        "10.00",
        "良好",
        "优秀",
    )
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    done(run("assess", "export", YEAR, str(whole)))
    (found,) = json.loads(whole.read_text("utf-8"))
    assert (found["scored"], found["grade"], found["grade_in_force"]) == ("10.00", "优秀", "良好")
    assert len(found["lines"]) >= 11
    assert "已存在" in refused(run("assess", "export", YEAR, str(table)))
    assert "已锁定" in refused(run("assess", "score", YEAR, "LC", "一1", "0.5", "--reason", "改"))
    done(run("assess", "withdraw", YEAR, "LC", "--reason", "申诉成立"))
    assert run("assess", "export", YEAR, str(tmp_path / "none.csv")).exit_code == 1


def test_the_eligibility_is_taken_and_given_back(run: Run, files: tuple[str, str]) -> None:
    act = ("assess", "disqualify", YEAR, "LC", "--ground", "未完成微信平台", "--reason", "未开通")
    assert "材料 1 份" in done(run(*act, "--file", files[0]))
    assert "已取消，未重复登记" in refused(run(*act, "--file", files[0]))
    assert run(*act).exit_code == 2
    assert "评优资格取消" in done(run("assess", YEAR, "LC", "--explain"))
    done(run("assess", "requalify", YEAR, "LC", "--reason", "已补建"))
    assert "评优资格取消" not in done(run("assess", YEAR, "LC", "--explain"))


def test_objections_are_listed_and_answered(
    run: Run, database: Database, cast: Cast, files: tuple[str, str]
) -> None:
    score_everything(run, files)
    done(run("assess", "publish", YEAR, "LC"))
    database.write(
        lambda connection: object_to(
            Sitting(connection, cast.viewer("LC"), system_clock(), Desk()), int(YEAR), "应为9次", "一3"
        )
    )
    listed = done(run("assess", "objections", YEAR))
    assert "1 LC HN-A1.3：应为9次；须于" in listed
    assert f"{YEAR} 年申诉 1 项，待答复 1 项" in listed
    answered = done(run("assess", "answer-objection", YEAR, "LC", "1", "维持", "已核对"))
    assert "✅ 已答复申诉 1：维持，已核对" in answered
    assert "没有待答复的申诉 1" in refused(
        run("assess", "answer-objection", YEAR, "LC", "1", "维持", "已核对")
    )


def test_an_edit_over_an_unseen_version_shows_both_values(run: Run) -> None:
    done(run("assess", "score", YEAR, "LC", "一2", "0.4", "--reason", "有制度", "--by", "甲"))
    text = refused(run("assess", "score", YEAR, "LC", "一2", "0.8", "--reason", "有通报", "--seen", "0"))
    assert "0.40 分（有制度），甲" in text
    assert "0.80 分（有通报）" in text
    assert "第 2 版" in done(
        run("assess", "score", YEAR, "LC", "一2", "0.8", "--reason", "有通报", "--seen", "1")
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("score", YEAR, "LC", "一1", "1.5", "--reason", "x"), "得分应在 0 到 1 分之间"),
        (("score", YEAR, "LC", "一2", "0.5"), "HN-A1.2 原文缺失，评分须填写依据"),
        (("score", YEAR, "NO", "一1", "1", "--reason", "x"), "没有这个单位，或它不参加考评"),
        (("set-base", "LC", "members", "-1", "--year", YEAR, "--source", "x"), "基数应为 0 或正整数"),
        (("set-base", "LC", "members", "1", "--year", YEAR, "--source", " "), "请填写来源"),
        (("supply", YEAR, "一1", "1", "--reference", "x"), "HN-A1.1 原文有项目，不能补充"),
        (("supply", YEAR, "三3", "9", "--reference", "x"), "得分应在 0 到 2 分之间"),
        (("confirm", YEAR, "HN-9", "--reference", "x"), "HN-9 没有可确认的读法"),
        (("begin", YEAR, "LC"), f"鹭川团市委 {YEAR} 年尚未提交自评；仍要开始考评，请写明理由"),
        (("publish", YEAR, "LC"), f"鹭川团市委 {YEAR} 年尚在“自评中”，须先开始考评"),
        (("withdraw", YEAR, "LC", "--reason", "x"), f"鹭川团市委 {YEAR} 年考评尚未公布"),
        (("requalify", YEAR, "LC", "--reason", "x"), f"鹭川团市委 {YEAR} 年评优资格没有取消"),
        (("remove-evidence", "7"), "未找到该佐证材料"),
        (("void-meeting", "7", "--reason", "x"), "未找到该佐证材料"),
        (("close-task", YEAR, "LC", "通报批评", "已发"), "没有待办的“通报批评”"),
        (
            ("decide", YEAR, "LC", "--minutes", "1", "--on", "2999-01-01", "--text", "x"),
            "决定日期不能在今天之后",
        ),
        (("export", YEAR, "r.xls"), "文件名应以 .csv 或 .json 结尾"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(
    run: Run, database: Database, arguments: tuple[str, ...], text: str
) -> None:
    assert refused(run("assess", *arguments)).startswith(text)
    assert not [action for _, actor, action in audit(database) if actor.startswith("cli:")]


def test_a_declaration_is_numbered_listed_and_withdrawn(run: Run) -> None:
    act = ("index", "declare", "QD", "incident", "2019-03", "--reason", "负面信息", "--evidence", "截图1号")
    assert "✅ 认定编号 1：QD 2019-03 重大舆情事故" in done(run(*act))
    assert "1 2019-03 重大舆情事故：负面信息；依据：截图1号；cli:命令行" in done(
        run("index", "declarations", "2019")
    )
    done(run("index", "undeclare", "1", "--reason", "查无实据"))
    assert "没有这条认定，或已撤回" in refused(run("index", "undeclare", "1", "--reason", "查无实据"))
    assert "有效的认定 0 条" in done(run("index", "declarations", "2019"))
    fraud = ("index", "declare", "QD", "fraud", "2019", "--reason", "刷数据", "--evidence", "日志")
    assert "处理决定" in refused(run(*fraud))
    assert "不评“好”" in done(run(*fraud, "--decision", "通报", "--bars-from-good"))
    assert "没有编号为 LC 的高校" in refused(run("index", "declare", "LC", *act[3:]))


def test_a_run_is_published_and_withdrawn_by_its_period(run: Run, database: Database) -> None:
    assert "月度考核 2019-03 尚未运行" in refused(run("index", "publish", "2019-03"))
    done(run("run-index", "2019-03"))
    assert "✅ 已发布 月度考核 2019-03" in done(run("index", "publish", "2019-03"))
    assert "✅ 已撤回发布 月度考核 2019-03" in done(run("index", "withdraw", "2019-03", "--reason", "更正"))
    assert "撤回发布须写明原因" in refused(run("index", "withdraw", "2019-03"))
    assert "期间应写作" in refused(run("index", "publish", "三月"))
    done(run("wci-board", "2019-03-05"))
    assert "✅ 已发布 微信周榜" in done(run("index", "publish", "2019-03-05", "--board"))
    with database.reading() as connection:
        week = week_period(date(2019, 3, 5), starts_on=shipped_media().week_starts_on)
        found = find_run(connection, week)
    assert week.kind is RunKind.WCI_WEEK
    assert found is not None
    assert found.published_at is not None


def test_a_video_is_reviewed_and_what_was_said_before_stays(run: Run, database: Database, cast: Cast) -> None:
    desk = VideoDesk(database, system_clock, shipped_media().rules)
    video = NewVideo("木棉花开", Decimal(15), 1080, 1920, hash_link(LINK), link=LINK)
    month = desk.submit(cast.viewer("QD"), "QD", video).judgement.month
    assert "1 QD《木棉花开》合格" in (listed := done(run("index", "videos", month)))
    assert LINK in listed
    reviewed = done(
        run("index", "review-video", "1", "--taboo", "出现商标", "--reason", "片尾有商标", "--by", "甲")
    )
    assert "✅ 投稿 1：不合格；出现商标" in reviewed
    rows = table_of(AuditRow)
    with database.reading() as connection:
        detail: Any = connection.execute(select(rows.c.detail).order_by(rows.c.id.desc()).limit(1)).scalar()
    assert (detail["before"]["state"], detail["after"]["state"], detail["reason"]) == (
        "合格",
        "不合格",
        "片尾有商标",
    )
    assert "合格；符合要求" in done(run("index", "review-video", "1", "--reason", "重剪后合格"))
    assert "评审理由为空" in refused(run("index", "review-video", "1"))
    assert "没有这个编号的投稿" in refused(run("index", "review-video", "9", "--reason", "x"))
