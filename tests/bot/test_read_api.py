"""The read API: scope, refusals, shapes; and that its OpenAPI document is complete and true."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.api.reading import read_api
from bot.api.schema import DESCRIPTIONS
from monitor.errors import StorageError
from monitor.units import Role
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import load_rulebook
from tests.monitor.query_help import TODAY, YESTERDAY, Stage

WEEK = "from=2026-11-13&to=2026-11-19"
DAYS = "from=2026-11-19&to=2026-11-20"


@pytest.fixture
def stage(database, cast) -> Stage:
    return Stage(database, cast)


@pytest.fixture
def client(database, cast, clock) -> FlaskClient:
    viewers = {
        "province": cast.viewer("QS", Role.INSPECTOR),
        "city": cast.viewer("LC"),
        "manager": cast.viewer("LC", Role.GROUP_MANAGER, "LC0101"),
    }
    app = Flask(__name__)
    app.register_blueprint(read_api(Queries(database, load_rulebook(), clock), viewers.get))
    return app.test_client()


def ask(client: FlaskClient, path: str, token: str = "province") -> Any:
    return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer wrong"},
                                     {"Authorization": "Basic city"}, {"Authorization": "city"}])  # fmt: skip
@pytest.mark.parametrize("path", ["/units/LC/status", f"/groups/LC0001/days?{DAYS}", f"/rankings?{WEEK}"])
def test_without_a_good_token_nothing_is_said(client, headers, path):
    answer = client.get(f"/api/v1{path}", headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json == {"error": {"code": "unauthorized", "message": "令牌缺失或无效"}}


def test_the_status_of_a_unit_carries_clauses_status_and_data_time(client, stage):
    stage.count("LC0001", 采集=(12, 0), 自报=(1, 0))
    answer = ask(client, "/units/lc/status")
    seen = answer.json
    assert (seen["unit"], seen["day"]) == ({"code": "LC", "name": "鹭川团市委", "kind": "市县"}, "2026-11-20")
    assert (seen["data_at"], seen["status"], seen["is_closed"]) == (
        "2026-11-20T14:55:00+08:00",
        "暂定",
        False,
    )
    assert seen["clauses"] == ["HN-4.1d", "HN-2.1.3b", "HN-2.1.3a"]
    assert (seen["tally"]["n_groups"], seen["tally"]["n_with_data"], seen["tally"]["met_ratio"]) == (
        2,
        1,
        0.0,
    )
    (missing,) = seen["missing"]
    assert (missing["group"]["code"], missing["duty"], missing["activity"]) == ("LC0001", "未达标", "优秀")
    assert [each["provenance"] for each in missing["by_provenance"]] == ["采集", "自报"]
    assert "鹭川".encode() in answer.data  # UTF-8, not escapes
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_data_is_null_and_never_0(client):
    seen = ask(client, "/units/LC/status?day=2026-11-18").json
    assert (seen["tally"]["met_ratio"], seen["week_ratio"], seen["data_at"]) == (None, None, None)
    day = ask(client, f"/groups/LC0001/days?{DAYS}").json["days"][0]
    assert (day["n_posts"], day["activity"], day["duty"], day["status"]) == (None, None, "无数据", "待补充")


def test_days_of_a_group_show_closed_open_and_late_days(client, stage):
    stage.close(YESTERDAY)
    stage.grade("LC0001", YESTERDAY, "达标", has_late_posts=True)
    stage.count("LC0001", TODAY, 采集=(7, 1))
    seen = ask(client, "/groups/LC0001/days?from=2026-11-18&to=2026-11-30", "city").json
    assert (seen["first_day"], seen["last_day"], seen["group"]["name"]) == (
        "2026-11-18",
        "2026-11-30",
        "鹭川团干群",
    )
    assert [(day["day"], day["n_posts"], day["activity"], day["status"]) for day in seen["days"]] == [
        ("2026-11-18", None, None, "待补充"), ("2026-11-19", 4, "一般", "暂定"),
        ("2026-11-20", 7, "良好", "暂定"),
    ]  # fmt: skip
    assert {day["clause"] for day in seen["days"]} == {"HN-4.1d、HN-2.1.3b"}
    assert ask(client, "/groups/LC0001/days?from=2026-11-21&to=2026-11-22").json["days"] == []


def test_a_board_has_ties_and_is_final_when_its_last_day_is_closed(client, stage):
    for unit in ("LC", "YS"):
        stage.roll_up(unit, YESTERDAY, 3, 3)
    stage.close(date(2026, 11, 18))
    assert ask(client, f"/rankings?{WEEK}", "city").json["status"] == "暂定"
    stage.close(YESTERDAY)
    seen = ask(client, f"/rankings?{WEEK}&kind=市县", "city").json
    assert [(row["unit"]["code"], row["rank"], row["met_ratio"]) for row in seen["rows"]] == [
        ("LC", 1, 0.5), ("YS", 1, 0.5),
    ]  # fmt: skip
    assert (seen["status"], seen["clauses"], seen["kind"]) == ("正式", ["HN-2.1.3b"], "市县")
    below = ask(client, f"/rankings?{WEEK}&unit=LC", "city").json
    assert [row["unit"]["code"] for row in below["rows"]] == ["LC01"]


@pytest.mark.parametrize(
    ("path", "token"),
    [
        ("/units/YS/status", "city"), ("/units/QS/status", "city"), ("/units/GONE/status", "city"),
        ("/units/LC/status", "manager"), (f"/groups/YS0001/days?{DAYS}", "city"),
        (f"/groups/GONE/days?{DAYS}", "city"), (f"/groups/LC0001/days?{DAYS}", "manager"),
        ("/groups/YS0001/days?from=2026-12-01&to=2026-12-02", "city"),
        (f"/rankings?{WEEK}&unit=YS", "city"), (f"/rankings?{WEEK}", "manager"),
    ],
)  # fmt: skip
def test_what_lies_outside_looks_as_if_it_did_not_exist(client, path, token):
    answer, missing = ask(client, path, token), ask(client, "/units/NOWHERE/status", token)
    assert (answer.status_code, answer.data) == (404, missing.data)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/units/LC/status?day=20261120", ("day", "YYYY-MM-DD", "20261120")),
        ("/units/LC/status?day=2026-02-30", ("day", "YYYY-MM-DD")),
        ("/units/LC/status?day=", ("day", "YYYY-MM-DD")),
        ("/units/LC/status?day=2026-W47-5", ("day", "YYYY-MM-DD")),
        ("/units/LC/status?day=2026-11-21", ("2026-11-21", "今天之后")),
        ("/units/LC/status?date=2026-11-20", ("date", "day")),
        ("/units/LC/status?day=2026-11-20&day=2026-11-19", ("day", "一次")),
        ("/groups/LC0001/days", ("from", "YYYY-MM-DD")),
        ("/groups/LC0001/days?from=2026-11-01", ("to", "YYYY-MM-DD")),
        ("/groups/LC0001/days?from=2026-11-02&to=2026-11-01", ("to", "from")),
        ("/groups/LC0001/days?from=2025-01-01&to=2026-11-01", ("400",)),
        ("/rankings?from=x&to=2026-11-01", ("from", "YYYY-MM-DD")),
        ("/rankings?from=0001-01-01&to=0001-01-01", ("from", "YYYY-MM-DD")),
        ("/rankings?from=9999-12-31&to=9999-12-31", ("from", "YYYY-MM-DD")),
        ("/units/LC/status?day=0001-01-01", ("day", "YYYY-MM-DD")),
    ],
)
def test_a_bad_query_is_answered_with_the_parameter_and_its_form(client, path, named):
    answer = ask(client, path)
    assert answer.status_code == 400
    assert all(word in answer.json["error"]["message"] for word in named)


def test_a_store_that_is_away_is_said_so(client, monkeypatch):
    def away(*_: object) -> None:
        raise StorageError("down")

    monkeypatch.setattr(Queries, "unit_status", away)
    answer = ask(client, "/units/LC/status")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "storage_error")


def test_the_document_names_every_route_and_needs_no_token(client):
    document = client.get("/api/v1/openapi.json").json
    rules = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    read = {path: item for path, item in document["paths"].items() if "get" in item}
    assert set(read) == rules
    assert document["openapi"].startswith("3.1")
    for item in read.values():
        for response in item["get"]["responses"].values():
            assert response["description"]


def test_every_answer_is_what_the_document_says(client, stage):
    stage.close(YESTERDAY)
    stage.grade("LC0001", YESTERDAY, "达标")
    stage.roll_up("LC", YESTERDAY, 3, 1)
    stage.count("LC0001", TODAY, 采集=(7, 0))
    document = client.get("/api/v1/openapi.json").json
    asked = {
        "/api/v1/units/{code}/status": ["/units/QS/status", "/units/LC/status?day=2026-11-19"],
        "/api/v1/groups/{code}/days": [f"/groups/LC0001/days?{DAYS}"],
        "/api/v1/rankings": [f"/rankings?{WEEK}"],
    }
    for path, questions in asked.items():
        responses = document["paths"][path]["get"]["responses"]
        for question in questions:
            require_shape(ask(client, question).json, schema_in(responses["200"]), document)
        bad = ask(client, questions[0] + ("&" if "?" in questions[0] else "?") + "x=1")
        require_shape(bad.json, schema_in(responses["400"]), document)


def test_every_field_of_the_document_is_described_and_every_description_used(client):
    document = client.get("/api/v1/openapi.json").json
    used = {name for name, field in fields_in(document["components"]["schemas"]) if field["description"]}
    assert used == set(DESCRIPTIONS)


def test_ids_and_paths_of_the_store_never_leave(client, stage):
    stage.count("LC0001", 采集=(7, 0))
    body = json.dumps([ask(client, "/units/QS/status").json, ask(client, f"/groups/LC0001/days?{DAYS}").json])
    assert not [name for name in ("unit_id", "group_id", "unit_path", "parent_id", '"path"') if name in body]


def schema_in(response: dict[str, Any]) -> dict[str, Any]:
    return response["content"]["application/json"]["schema"]


def fields_in(schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for schema in schemas.values():
        yield from schema.get("properties", {}).items()


def require_shape(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    """Fail unless a value is what the part of JSON Schema that the document uses says."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        inner, null = schema["anyOf"]
        assert null == {"type": "null"}
        if value is not None:
            require_shape(value, inner, document)
        return
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
    }
    assert isinstance(value, kinds[schema["type"]]), (value, schema)
    if schema["type"] == "object":
        assert set(value) == set(schema["properties"]) == set(schema["required"])
        for name, field in schema["properties"].items():
            require_shape(value[name], field, document)
    for item in value if schema["type"] == "array" else ():
        require_shape(item, schema["items"], document)
    assert value in schema.get("enum", [value])
