"""`POST /api/v1/facts`: what programs may write about schools, by the rules of the import."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.app import create_app
from bot.ingress.fact_items import KINDS, MAX_VIDEOS
from bot.services import Services, build_services
from bot.settings import Secrets, load_settings
from bot.webhook import Answer, Request
from monitor.index.periods import month_period
from monitor.store.index.facts import load_changes
from monitor.store.index.tables import IndexFactRow, VideoSubmissionRow
from monitor.store.tables import table_of
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.run import IndexRuns
from tests.cast import Cast
from tests.monitor.index_stage import IndexStage

TOKEN = "qingxun-demo-api"
RATIO = {"kind": "indicator", "school": "QD", "period": "2019-03", "indicator": "GD-3.1a",
         "numerator": 95, "denominator": 100}  # fmt: skip
ARTICLE = {"kind": "article", "school": "QD", "account": "青春", "published_on": "2019-03-01", "title": "一",
           "is_headline": True, "n_reads": 1500}  # fmt: skip
VIDEO = {"kind": "video", "school": "QD", "title": "木棉花开", "seconds": 15, "width": 1080, "height": 1920,
         "link": "https://v.example.cn/Ab1"}  # fmt: skip
CONFIG = Path("config.toml").read_text("utf-8")
Post = Callable[..., tuple[int, Any]]


def services_as(database_url: str, clock: Any, tmp_path: Path, unit: str, may_write: bool = True) -> Services:
    """The demonstration's services, whose API client belongs to a unit."""
    text = CONFIG.replace('unit = "QY"', f'unit = "{unit}"')
    assert text != CONFIG
    if not may_write:
        text = "\n".join(line for line in text.splitlines() if not line.startswith("may_write_facts"))
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    settings = load_settings(file, {"QINGXUN_DATABASE_URL": database_url})
    return build_services(settings, Secrets(settings.mode, {}), clock)


@pytest.fixture
def stage(database: Any, cast: Cast, clock: Any) -> IndexStage:
    return IndexStage(database, cast, clock)


@pytest.fixture
def serve(database_url: str, stage: IndexStage, tmp_path: Path) -> Iterator[Callable[..., Post]]:
    opened = []

    def as_client_of(unit: str = "QS", *, may_write: bool = True) -> Post:
        services = services_as(database_url, stage.clock, tmp_path, unit, may_write)
        opened.append(services)

        def post(body: Any, content_type: str = "application/json", **headers: str) -> tuple[int, Any]:
            wire = body if isinstance(body, bytes) else json.dumps(body).encode()
            given = {"authorization": f"Bearer {TOKEN}", **headers, "content-type": content_type}
            request = Request("", lambda name: given.get(name, ""), wire)
            answer: Answer = services.webhooks.answer("POST", "/api/v1/facts", request)
            is_json = answer.content_type.startswith("application/json")
            return answer.status, json.loads(answer.body)["results"] if is_json else answer.body.decode()

        return post

    yield as_client_of
    for services in opened:
        services.database.close()


@pytest.fixture
def post(serve: Callable[..., Post]) -> Post:
    return serve()


def statuses(answer: tuple[int, Any]) -> list[str]:
    assert answer[0] == 200, answer
    return [each["status"] for each in answer[1]]


def n_facts(stage: IndexStage) -> int:
    with stage.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table_of(IndexFactRow))).scalar_one())


def test_a_fact_is_taken_once_and_a_changed_one_keeps_history(post: Post, stage: IndexStage) -> None:
    assert post(RATIO) == (200, [{"index": 0, "status": "accepted"}])
    assert post(RATIO) == (200, [{"index": 0, "status": "duplicate"}])
    assert post(RATIO | {"numerator": 96}) == (200, [{"index": 0, "status": "accepted", "replaced": True}])
    with stage.database.reading() as connection:
        (change,) = load_changes(connection, stage.cast.units["QD"])
    assert (change.before["numerator"], change.after["numerator"], change.actor) == (95, 96, "api:demo")


def test_one_of_each_kind_is_taken(post: Post) -> None:
    items = [
        RATIO,
        {"kind": "ratings", "school": "青屿大学团委", "period": "2019-03", "n_members": 200,
         "counts": {"5": 10, "2": 1}},
        {"kind": "request", "school": "QD", "request_id": "R1", "type": "团员报到审核",
         "applied_at": "2019-03-01T09:00:00+08:00", "reviewed_at": None},
        {"kind": "activity", "school": "QD", "activity_id": "A1", "published_on": "2019-03-01",
         "n_sign_ups": 5, "n_photos": 1},
        ARTICLE,
        VIDEO,
    ]  # fmt: skip
    assert {str(item["kind"]) for item in items} == set(KINDS)
    answer = post(items)
    assert statuses(answer) == ["accepted"] * 6
    assert answer[1][5]["reason"] == "符合要求 → 合格"
    assert statuses(post(items)) == ["duplicate"] * 6


def test_lines_and_arrays_answer_each_item_for_itself(post: Post) -> None:
    lines = b"\n".join([json.dumps(RATIO).encode(), b"{broken", b"", json.dumps(ARTICLE).encode()])
    answer = post(lines, "application/x-ndjson; charset=utf-8")
    assert statuses(answer) == ["accepted", "rejected", "accepted"]
    assert answer[1][1]["reason"] == "不是有效的 JSON"


REJECTED = [
    (RATIO | {"numerator": 101}, "比例大于 1：101/100"),
    (RATIO | {"numerator": -1}, "分子不能为负数"),
    (RATIO | {"numerator": 1.5}, "分子应为不小于 0 的整数"),
    (RATIO | {"numerator": True}, "numerator 应为数字"),
    (RATIO | {"numerator": "=1+1"}, "分子应为不小于 0 的整数"),
    (RATIO | {"numerator": 1e300}, "分子应为不小于 0 的整数"),
    ({**RATIO, "numerator": None}, "分子为空"),
    (RATIO | {"period": "2019-05"}, "日期在未来，尚无数据"),
    (RATIO | {"school": "LC"}, "未知的高校：LC"),
    (RATIO | {"school": ["QD"]}, "school 应为文本"),
    (RATIO | {"school": "长" * 600}, "school 过长"),
    (RATIO | {"note": "x"}, "含有未知字段，indicator 可用：school、period、indicator、"),
    (RATIO | {"kind": "score"}, "kind 应为 indicator、ratings、request、activity、article、video 之一"),
    (RATIO | {"kind": ["indicator"]}, "kind 应为"),
    (["QD"], "每一条应为 JSON 对象"),
    (ARTICLE | {"is_headline": "是"}, "is_headline 应为 true 或 false"),
    (ARTICLE | {"title": "无发布"}, "无发布的行不填数字"),
    (ARTICLE | {"title": "a\u202eb"}, "文章含有不可见字符"),
    (VIDEO | {"link": "javascript:alert(1)"}, "链接应以 http:// 或 https:// 开头"),
    ({k: v for k, v in VIDEO.items() if k != "link"}, "sha256 和 link 至少写一个"),
    (VIDEO | {"seconds": 0}, "时长应为大于 0 的秒数"),
    (VIDEO | {"school": "NO"}, "未知的高校：NO"),
    ({"kind": "ratings", "school": "QD", "period": "2019-03", "n_members": 2, "counts": {"6": 1}},
     "counts 应为"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "reason"), REJECTED, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_rejected_with_its_reason_and_changes_nothing(
    post: Post, stage: IndexStage, item: Any, reason: str
) -> None:
    status, (result,) = post([item])
    assert (status, result["status"]) == (200, "rejected")
    assert result["reason"].startswith(reason)
    assert n_facts(stage) == 0


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400), (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400), (b"[" * 100_000, "application/json", 400),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "application/json", 400),
        (json.dumps([1] * 5001).encode(), "application/json", 413),
        (b"1\n" * 5001, "application/x-ndjson", 413),
        (json.dumps([VIDEO] * (MAX_VIDEOS + 1)).encode(), "application/json", 413),
        (b" " * (8 * 1024 * 1024 + 1), "application/json", 413),
    ],
    ids=["empty", "cut", "no text", "deep list", "deep object", "many", "many lines", "many videos", "large"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(
    post: Post, stage: IndexStage, body: bytes, content_type: str, status: int
) -> None:
    assert post(body, content_type)[0] == status
    assert n_facts(stage) == 0


def test_five_thousand_items_are_one_delivery(post: Post, stage: IndexStage) -> None:
    items = [ARTICLE | {"title": f"第{number}篇"} for number in range(5000)]
    assert set(statuses(post(items))) == {"accepted"}
    assert n_facts(stage) == 5000
    assert set(statuses(post(items))) == {"duplicate"}


def test_one_delivery_may_repeat_an_item_but_not_contradict_it(post: Post, stage: IndexStage) -> None:
    answer = post([RATIO, RATIO, RATIO | {"numerator": 1}, RATIO | {"numerator": 101}])
    assert statuses(answer) == ["accepted", "duplicate", "rejected", "rejected"]
    assert answer[1][2]["reason"] == "与本次第 1 条重复而内容不同"
    assert n_facts(stage) == 1


def test_a_published_period_is_locked_and_its_values_are_duplicates(post: Post, stage: IndexStage) -> None:
    post(RATIO)
    runs = IndexRuns(stage.database, stage.clock, shipped_media())
    runs.publish(
        runs.run(month_period(stage.clock.now.date().replace(month=3, day=1)), "test").run_id, "test"
    )
    answer = post([RATIO | {"numerator": 1}, RATIO | {"numerator": 1}, ARTICLE])
    assert [each["reason"] for each in answer[1]] == ["月度考核 2019-03 已发布，数据已锁定"] * 3
    assert statuses(post(RATIO)) == ["duplicate"]


@pytest.mark.parametrize("unit", ["LC", "QD", "NO"])
def test_a_client_writes_only_about_schools_below_its_unit(
    serve: Callable[..., Post], stage: IndexStage, unit: str
) -> None:
    """A school elsewhere reads like one that does not exist."""
    answer = serve(unit)([RATIO | {"school": school} for school in ("QD", "QA", "LD", "NOWHERE")])
    allowed = {"LC": ["LD"], "QD": ["QD"], "NO": []}[unit]
    assert [each.get("reason", "") for each in answer[1]] == [
        "" if school in allowed else f"未知的高校：{school}" for school in ("QD", "QA", "LD", "NOWHERE")
    ]
    assert n_facts(stage) == len(allowed)


def test_entered_indices_are_the_provinces(serve: Callable[..., Post]) -> None:
    index = {"kind": "indicator", "school": "QD", "period": "2019", "indicator": "第一部分指数", "value": 90}
    assert serve("QD")(index)[1][0]["reason"] == "指数由团省委录入，本客户端不能写入"
    assert statuses(serve("QS")(index)) == ["accepted"]


def test_without_permission_or_with_a_wrong_token_nothing_is_written(
    serve: Callable[..., Post], stage: IndexStage
) -> None:
    assert serve("QS", may_write=False)(RATIO) == (403, "该客户端未获准写入考核数据")
    for wrong in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}"):
        assert serve("QS")(RATIO, authorization=wrong) == (403, "签名无效")
    assert n_facts(stage) == 0


def test_a_signed_delivery_is_taken_and_a_changed_one_is_not(post: Post, stage: IndexStage) -> None:
    body, stamp = json.dumps(RATIO).encode(), str(int(stage.clock().timestamp()))
    digest = hmac.new(TOKEN.encode(), f"m1.{stamp}.".encode() + body, hashlib.sha256).digest()
    signed = {"authorization": "", "webhook-id": "m1", "webhook-timestamp": stamp,
              "webhook-signature": "v1," + base64.b64encode(digest).decode()}  # fmt: skip
    assert statuses(post(body, **signed)) == ["accepted"]
    assert post(body + b" ", **signed)[0] == 403


def test_the_same_video_of_another_school_is_not_original(post: Post, stage: IndexStage) -> None:
    post(VIDEO)
    answer = post(VIDEO | {"school": "QA"})
    assert statuses(answer) == ["accepted"]
    assert answer[1][0]["reason"].startswith("与已投稿作品相同（编号 1） → 不合格")
    with stage.database.reading() as connection:
        rows = connection.execute(select(table_of(VideoSubmissionRow).c.state)).scalars().all()
    assert sorted(rows) == ["不合格", "合格"]


def test_the_description_names_every_field(database_url: str, stage: IndexStage, tmp_path: Path) -> None:
    services = services_as(database_url, stage.clock, tmp_path, "QS")
    document = create_app(services).test_client().get("/api/v1/openapi.json").json
    services.database.close()
    operation = document["paths"]["/api/v1/facts"]["post"]
    item = operation["requestBody"]["content"]["application/x-ndjson"]["schema"]
    named = {schema["properties"]["kind"]["const"]: schema for schema in item["oneOf"]}
    assert set(named) == set(KINDS)
    for word, kind in KINDS.items():
        assert set(named[word]["properties"]) == {"kind", *kind.fields}
        required = {name for name, field in kind.fields.items() if field.is_required}
        assert set(named[word]["required"]) == {"kind", *required}
    assert {"200", "400", "403", "413", "503"} <= set(operation["responses"])
    assert {"application/json", "application/x-ndjson"} == set(operation["requestBody"]["content"])
