"""Import and replay commands on a SQLite file: exit codes, bad-rows files, what is kept."""

import base64
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.demonstration import SECRETS
from bot.ingress.xml_body import read_xml
from bot.wechat_codec import BodyMode, OpenedBody, WeChatCodec
from monitor.clock import system_clock
from monitor.store.database import Database
from monitor.store.days.tables import ArticleRow, DayCountRow, PostRow
from monitor.store.operations.kept_input import insert_kept_input
from monitor.store.tables import UnitRow
from monitor.store.work_tables import KeptInputRow
from tests.bot.cli.test_cli import run
from tests.cast import settle
from tests.monitor.days.test_receive import rows

SENT_AT = "2026-01-15T08:05:00+08:00"


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path / 'qingxun.db'}"
    monkeypatch.setenv("QINGXUN_DATABASE_URL", address)
    return address


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    run("init")
    opened = Database(url)
    settle(opened)
    yield opened
    opened.close()


def item(number: int, **changes: Any) -> str:
    values = {
        "group_id": "10001", "message_id": str(number), "sender_id": "m1", "sender_name": "某同学",
        "sent_at": SENT_AT, "text": "志愿服务集合",
    }  # fmt: skip
    return json.dumps(values | changes, ensure_ascii=False)


def write_lines(file: Path, *lines: str) -> str:
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return str(file)


def bad_rows(file: str) -> list[list[str]]:
    with Path(f"{file}.bad-rows.csv").open(encoding="utf-8-sig", newline="") as wire:
        return list(csv.reader(wire))


def test_good_posts_are_kept_and_bad_rows_named_by_number(database: Database, tmp_path: Path) -> None:
    lines = (item(1), '{"broken"', "", item(2, sent_at="昨天"), item(3, group_id="99999"), item(4), item(1))
    file = write_lines(tmp_path / "posts.jsonl", *lines)
    said = run("import-posts", file).output
    assert "共 6 行：入库 2，重复 1，未登记 1，忽略 0，拒收 2" in said
    assert f"{file}.bad-rows.csv" in said
    header, *found = bad_rows(file)
    assert header == ["行号", "原因"]
    assert [number for number, _ in found] == ["2", "4", "5"]
    assert found[2][1] == "群 99999（来源 demo）未登记"
    assert [(row.n_posts, row.provenance) for row in rows(database, DayCountRow)] == [(2, "导入")]


def test_a_second_import_finds_duplicates_and_forgets_the_old_bad_rows(
    database: Database, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "posts.jsonl", item(1), "broken")
    run("import-posts", file)
    write_lines(tmp_path / "posts.jsonl", item(1))
    assert "入库 0，重复 1" in run("import-posts", file).output
    assert not Path(f"{file}.bad-rows.csv").exists()
    assert len(rows(database, PostRow)) == 1


def test_a_check_writes_neither_posts_nor_files(database: Database, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "posts.jsonl", item(1), "broken")
    said = run("import-posts", "--check", file).output
    assert "检查结果 共 2 行：入库 1，重复 0，未登记 0，忽略 0，拒收 1" in said
    assert "第 2 行：" in said
    assert rows(database, PostRow) == []
    assert [path.name for path in tmp_path.iterdir() if "bad-rows" in path.name] == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_csv_of_another_source_is_read(database: Database, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "posts.csv"
    lines = "群编号,时间,发送人,内容\n10002,2026/1/15 8:05,小舟,青年大学习\n10002,不是时间,小舟,好\n"
    file.write_bytes(lines.encode(encoding))
    assert "入库 1" in run("import-posts", str(file), "--source", "demo").output
    assert [number for number, _ in bad_rows(str(file))[1:]] == ["3"]
    assert rows(database, PostRow)[0].is_relevant


def test_a_copied_chat_needs_the_code_of_its_group(database: Database, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "chat.txt", "小舟 2026-01-15 08:05:12", "志愿服务集合", "", "好的")
    assert "请指明属于哪个群" in run("import-posts", file, exit_code=1).output
    assert "入库 1" in run("import-posts", file, "--group", "lc0101").output
    assert rows(database, PostRow)[0].group_id == 2


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("posts.jsonl", b"broken\n{}\n", "拒收 2"),
        ("posts.docx", b"x", "文件类型应为 jsonl、csv 或 txt"),
        ("posts.csv", b"a,b\n1,2\n", "csv 首行应含"),
    ],
)
def test_a_file_in_which_nothing_can_be_read_exits_with_1(
    database: Database, tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    assert database
    file = tmp_path / name
    file.write_bytes(body)
    assert words in run("import-posts", str(file), exit_code=1).output


def test_units_and_groups_are_imported_with_bad_rows_beside(database: Database, tmp_path: Path) -> None:
    units = write_lines(
        tmp_path / "units.csv", "编号,名称,类别,上级编号", "ZC,=珠潮,市县,QS", "ZD,没有上级,市县,NO"
    )
    assert "共 2 行：可登记 1，拒收 1" in run("import-units", "--check", units).output
    assert "共 2 行：登记 1，拒收 1" in run("import-units", units).output
    assert {row.name for row in rows(database, UnitRow) if row.code == "ZC"} == {"=珠潮"}
    assert bad_rows(units) == [
        ["行号", "原因", "编号", "名称", "类别", "上级编号"],
        ["3", "上级编号 NO 不存在，或该上级未能登记", "ZD", "没有上级", "市县", "NO"],
    ]
    groups = write_lines(
        tmp_path / "groups.csv", "编号,名称,单位编号,来源,外部编号", "ZC0001,珠潮群,ZC,demo,20001"
    )
    assert "登记 1" in run("import-groups", groups).output
    file = write_lines(tmp_path / "posts.jsonl", item(1, group_id="20001"))
    assert "入库 1" in run("import-posts", file).output


def test_cells_that_look_like_formulas_are_text_in_the_bad_rows_file(
    database: Database, tmp_path: Path
) -> None:
    assert database
    file = write_lines(tmp_path / "units.csv", "编号,名称,类别,上级编号", "Z!,=cmd|x,@市县,QS")
    run("import-units", file, exit_code=1)
    assert bad_rows(file)[1][2:] == ["Z!", "'=cmd|x", "'@市县", "QS"]


ONEBOT = {
    "time": 1768435500, "self_id": 1, "post_type": "message", "message_type": "group", "group_id": 10001,
    "message_id": 7, "user_id": 5, "message": "志愿服务集合", "sender": {"nickname": "小舟"},
}  # fmt: skip
FINISHED = (
    "<xml><ToUserName>gh_demo</ToUserName><FromUserName>mphelper</FromUserName>"
    "<CreateTime>1768435500</CreateTime><MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event>"
    "<MsgID>1</MsgID><Status>send success</Status></xml>"
)


def recorded(path: str, body: Any) -> str:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return json.dumps({"path": path, "body": base64.b64encode(raw).decode(), "method": "POST"})


def test_recorded_requests_are_replayed_once(database: Database, tmp_path: Path) -> None:
    file = write_lines(
        tmp_path / "requests.jsonl",
        recorded("/onebot/demo", ONEBOT),
        recorded("/api/v1/posts", f"{item(1)}\n{item(2)}\n"),
        recorded("/wechat/demo", FINISHED),
        recorded("/nowhere", {}),
        "broken",
    )
    for _ in range(2):
        said = run("replay", file).output
        assert "重放 3 个请求，失败 2 个" in said
        assert "第 4 行：/nowhere 不是可以重放的地址" in said
    assert len(rows(database, PostRow)) == 3
    assert len(rows(database, ArticleRow)) == 1


def test_an_encrypted_body_is_opened_by_its_own_accounts_key(database: Database, tmp_path: Path) -> None:
    keys = [SECRETS["QINGXUN_ACCOUNT_DEMO_AES_KEY"]]
    codec = WeChatCodec(SECRETS["QINGXUN_ACCOUNT_DEMO_TOKEN"], "wxdemo0000000001", keys, system_clock)
    sealed = codec.seal(OpenedBody({}, BodyMode.SAFE, 0), FINISHED)
    inside = read_xml(sealed.encode())["Encrypt"]
    encrypted = f"<xml><ToUserName>gh_demo</ToUserName><Encrypt>{inside}</Encrypt></xml>"
    run("replay", write_lines(tmp_path / "r.jsonl", recorded("/wechat/demo", encrypted)))
    assert len(rows(database, ArticleRow)) == 1


def test_kept_input_is_replayed_and_then_forgotten(database: Database) -> None:
    at = datetime(2026, 1, 15, tzinfo=UTC)
    good = json.dumps(ONEBOT).encode()
    database.write(lambda c: insert_kept_input(c, "E-1", at, "/onebot/demo", "KeyError", good))
    database.write(lambda c: insert_kept_input(c, "E-2", at, "/onebot/gone", "KeyError", good))
    said = run("replay", "--kept").output
    assert "重放 1 个请求，失败 1 个" in said
    assert [row.id for row in rows(database, KeptInputRow)] == ["E-2"]
    assert len(rows(database, PostRow)) == 1
    run("replay", "--kept", exit_code=1)
    run("replay", exit_code=2)
