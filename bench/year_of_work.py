"""What people did in a year of the generated province: rows in proportion, for `bench.pages`.

Each table is a maker of rows from a number; codes and states are those that the use cases write.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bench.province import N_CITIES, N_GROUPS, N_SCHOOLS, N_TOP, N_UNITS, NOW, TODAY, Row, put
from monitor.store.days.self_report_tables import SelfReportRow
from monitor.store.days.tables import AccountDayRow, ArticleRow, PostVerdictRow
from monitor.store.incidents.tables import IncidentEventRow, IncidentPlaceRow, IncidentPostRow, IncidentRow
from monitor.store.learning.tables import DaySignalRow, LabelledExampleRow, UnitWordRow
from monitor.store.ledger.tables import LedgerChangeRow, ReconciliationFindingRow, ReconciliationRow
from monitor.store.operations.export_tables import ExportRow
from monitor.store.oversight.tables import LeaveRow, RegisterEntryRow, UrgeRow
from monitor.store.spot_checks.tables import (
    PhoneCheckRow,
    SiteVisitRow,
    SpotCheckRow,
    SpotDrawGroupRow,
    SpotDrawRow,
    SpotObjectionRow,
)
from monitor.store.tables import (
    ChatIdentityRow,
    ChatMessageRow,
    ConsoleSessionRow,
    ConsoleUserRow,
    DesignatedOfficerRow,
    Table,
    UnregisteredGroupRow,
)
from monitor.store.weekly.tables import WeeklyCallRow, WeeklyReportRow, WeeklyVersionRow
from monitor.store.work_tables import AlertRow, AuditRow, KeptInputRow, OutboxRow
from monitor.weekly import Week, WeeklyFigure

Maker = Callable[[int], Row]
_ADMIN, _ADMIN_NAME = "console:1", "某督导员"
_TEXT = "加群领红包，点击链接查看详情"
_WEEKS = 46
N_REPORTING = N_CITIES + N_SCHOOLS


def generate_work(connection: Connection) -> None:
    """Write everything; the units and groups of `bench.province` are there."""
    for row, n_rows, make in _TABLES:
        put(connection, row, [make(number) for number in range(1, n_rows + 1)])
    put(connection, WeeklyCallRow, [
        {"first_day": _week(n), "due_at": _at(n * 7), "called_at": _at(n * 7)} for n in range(1, _WEEKS + 1)
    ])  # fmt: skip
    put(connection, AccountDayRow, list(_account_days()))
    put(connection, ArticleRow, list(_articles()))


def _at(days_ago: float) -> datetime:
    return NOW - timedelta(days=days_ago)


def _day(number: int) -> date:
    return TODAY - timedelta(days=number % 365)


def _week(weeks_ago: int) -> date:
    return Week.of(TODAY).shift(-weeks_ago).first_day


def _group(number: int) -> int:
    return number * 7_919 % N_GROUPS + 1


def _low_unit(number: int) -> int:
    """Return a city, a school, a town or a faculty."""
    return number * 7_919 % (N_TOP - 1) + 2


def _city(number: int) -> int:
    return number % N_CITIES + 2


def _incident(n: int) -> Row:
    is_open = n <= 60
    return {"merge_key": n, "open_key": n if is_open else None, "origin": "系统识别",
            "state": ("发现", "待审", "确认")[n % 3] if is_open else ("办结", "误报")[n % 2], "text": f"{_TEXT} {n}",
            "categories": ["广告"], "hits": ["红包"], "reasons": ["含引流话术"], "harm": 0.93,
            "found_at": _at(n / 10), "settled_at": None if is_open else _at(n / 10 - 0.1)}  # fmt: skip


def _place(n: int) -> Row:
    is_open = n <= 60
    group = _group(n)
    return {"incident_id": n, "place_key": f"g{group}", "group_id": group, "unit_id": _low_unit(n),
            "state": _incident(n)["state"], "sender": "某*", "n_posts": 1, "found_at": _at(n / 10),
            "told_at": _at(n / 10), "settled_at": None if is_open else _at(n / 10 - 0.1)}  # fmt: skip


def _incident_event(n: int) -> Row:
    number = (n + 3) // 4
    return {"incident_id": number, "at": _at(number / 10), "actor": _ADMIN, "actor_name": _ADMIN_NAME,
            "act": ("发现", "确认", "已处置", "办结")[n % 4], "note": "", "place_ids": [number], "detail": {}}  # fmt: skip


def _post_key(n: int) -> Row:
    return {"group_id": _group(n), "business_day": _day(n // 10), "event_key": n}


def _verdict(n: int) -> Row:
    return _post_key(n) | {"is_harmful": True, "needs_review": False, "harm_permille": 930, "categories": ["广告"],
            "hits": [["红包", 3, 5, "广告", 2]], "reasons": ["含引流话术"], "model_version": "bench"}  # fmt: skip


def _alert(n: int) -> Row:
    is_open = n <= 400
    return {"alert_key": f"k{n}", "kind": ("未达标", "活跃度差", "连续无数据")[n % 3], "level": 3, "unit_id": _low_unit(n),
            "group_id": _group(n), "business_day": _day(n // 100), "title": "未达标", "text": "本日未达标",
            "created_at": _at(n / 100), "resolved_at": None if is_open else _at(n / 100 - 0.5)}  # fmt: skip


def _outbox(n: int) -> Row:
    state = "失败" if n % 500 == 0 else "待拉取" if n % 50 == 0 else "已送达"
    return {"idempotency_key": f"o{n}", "kind": "提醒", "priority": 3, "recipient": f"identity:{n % 20_000 + 1}",
            "title": "今日未达标", "text": "请于今日内完成", "state": state, "channel": "wecom_app", "exhausted": [],
            "run_at": _at(n / 500), "attempts": 1, "created_at": _at(n / 500), "done_at": _at(n / 500),
            "sent_at": _at(n / 500)}  # fmt: skip


def _audit(n: int) -> Row:
    return {"at": _at((500_000 - n) / 1_400), "actor": f"chat:{n % 20_000}", "action": ("self_report.make", "group.members", "export.order")[n % 3],
            "subject": f"group:G{_group(n):06}", "detail": {"n": n}}  # fmt: skip


def _identity(n: int) -> Row:
    is_manager = n <= N_GROUPS
    return {"account": "demo", "address": f"o{n:027}", "role": "群管理员" if is_manager else "单位管理员",
            "unit_id": _low_unit(n), "group_id": n if is_manager else None, "display_name": f"第{n}号",
            "bound_at": _at(300), "last_chat_at": _at(n % 90)}  # fmt: skip


def _chat(n: int) -> Row:
    return {"account": "demo", "event_key": n, "address": f"o{n % 20_000:027}", "received_at": _at(n / 1_000),
            "text": "状态", "reply": "今日已达标"}  # fmt: skip


def _change(n: int) -> Row:
    is_open = n <= 200
    return {"kind": "变更" if n % 4 else "开通", "state": "待审批" if is_open else "已生效", "unit_id": _low_unit(n),
            "group_id": None if is_open else _group(n), "code": f"G{_group(n):06}", "name": f"第{_group(n)}青年群",
            "before": {"members": 40}, "after": {"members": 42}, "effective_on": _day(n // 80), "asked_at": _at(n / 80),
            "asked_by": f"chat:{n % 999}", "asked_by_name": "某管理员"}  # fmt: skip


def _finding(n: int) -> Row:
    return {"reconciliation_id": (n + 99) // 100, "kind": "群无数据", "unit_id": _low_unit(n), "group_id": _group(n),
            "label": f"第{_group(n)}青年群", "text": "30 天无数据"}  # fmt: skip


def _self_report(n: int) -> Row:
    is_open = n <= 1_000
    return {"id": 1_000_000 + n, "group_id": _group(n), "business_day": _day(n // 1_000), "n_posts": 5, "n_relevant": 2,
            "state": "待核" if is_open else "已核实", "needs_approval": False, "reported_at": _at(n / 1_000),
            "reported_by": f"chat:{n % 20_000}", "reported_by_name": "某管理员"}  # fmt: skip


def _check(n: int) -> Row:
    group = _group(n)
    return {"filing_no": f"CC-{_day(n // 34).year}-{n:05}", "year": _day(n // 34).year, "unit_id": 1, "city_id": _city(n),
            "group_id": group, "business_day": _day(n // 34), "n_posts": n % 13, "n_system": n % 13,
            "draw_id": n % 60 + 1, "actor": _ADMIN, "actor_name": _ADMIN_NAME, "at": _at(n / 34), "filed_at": _at(n / 34)}  # fmt: skip


def _draw(n: int) -> Row:
    frame = [[f"G{group:06}", f"U{_city(group):06}", ""] for group in range(1, N_GROUPS + 1)]
    return {"number": f"PC-2026-{n:04}", "unit_id": 1, "method": "equal", "seed": "5a" * 16, "frame": frame, "n_frame": len(frame),
            "quotas": {}, "n_resting": 0, "asked": f"{n}", "actor": _ADMIN, "actor_name": _ADMIN_NAME, "at": _at(n * 5)}  # fmt: skip


def _visit(n: int) -> Row:
    return {"number": f"DD-2026-{n:04}", "year": 2026, "unit_id": _city(n), "visitor_unit_id": _city(n + 7),
            "team": "督导一组", "planned_on": _day(n), "visited_on": _day(n), "findings": "台账齐全", "actor": _ADMIN,
            "actor_name": _ADMIN_NAME, "at": _at(n)}  # fmt: skip


def _phone(n: int) -> Row:
    return {"number": f"DH-2026-{n:04}", "unit_id": _low_unit(n), "whom_role": "书记", "whom_name": "某*", "finding": "有专人维护",
            "actor": _ADMIN, "actor_name": _ADMIN_NAME, "at": _at(n / 2)}  # fmt: skip


def _weekly_version(n: int) -> Row:
    figures = {figure.value: 3 for figure in WeeklyFigure}
    return {"report_id": n, "version": 1, "figures": figures, "ledger": figures, "reasons": {},
            "submitted_at": _at((n - 1) // N_REPORTING * 7 + 8), "submitted_by": "chat:9", "submitted_by_name": "某管理员"}  # fmt: skip


def _register(n: int) -> Row:
    return {"kind": ("通报", "约谈", "调整要求")[n % 3], "state": "已办结" if n > 50 else "待答复", "unit_id": _city(n),
            "person": "某*", "reason": "一月内三次抽查为差", "held_on": _day(n // 3), "recorded_at": _at(n / 3),
            "recorded_by": _ADMIN, "recorded_by_name": _ADMIN_NAME}  # fmt: skip


def _export(n: int) -> Row:
    return {"request_key": f"e{n}", "owner": f"console:{n % 40 + 1}", "viewer": {}, "kind": "简报", "subject": "", "period": "2026-10",
            "form": "pdf", "title": "2026年10月简报", "state": "完成", "progress": 100, "asked_at": _at(n / 6),
            "run_at": _at(n / 6), "expires_at": _at(n / 6 - 7)}  # fmt: skip


def _user(n: int) -> Row:
    return {
        "name": f"user{n}",
        "password_hash": "!",
        "role": "单位管理员",
        "unit_id": _low_unit(n),
        "display_name": f"第{n}用户",
    }


def _session(n: int) -> Row:
    return {"token_hash": f"t{n}", "user_id": n % 300 + 1, "created_at": _at(0.2), "last_seen_at": _at(0.01)}


def _signal(n: int) -> Row:
    return {"group_id": _group(n), "business_day": _day(n // 50), "kind": ("集中发布", "跨群相同")[n % 2], "value": 0.9,
            "threshold": 0.8, "figures": {"n": 9}}  # fmt: skip


_Table = tuple[type[Table], int, Maker]
_TABLES: tuple[_Table, ...] = (
    (ChatIdentityRow, 22_000, _identity),
    (ConsoleUserRow, 300, _user),
    (ConsoleSessionRow, 400, _session),
    (DesignatedOfficerRow, N_TOP - 100, lambda n: {"unit_id": n, "name": f"第{n}专责", "identity_id": None, "since": _day(200)}),
    (IncidentRow, 3_000, _incident),
    (IncidentPlaceRow, 3_000, _place),
    (IncidentEventRow, 12_000, _incident_event),
    (IncidentPostRow, 3_000, lambda n: _post_key(n) | {"place_id": n, "is_excluded": False}),
    (PostVerdictRow, 3_000, _verdict),
    (AlertRow, 36_500, _alert),
    (OutboxRow, 180_000, _outbox),
    (AuditRow, 500_000, _audit),
    (ChatMessageRow, 200_000, _chat),
    (LedgerChangeRow, 30_000, _change),
    (ReconciliationRow, 12, lambda n: {"made_at": _at(n * 30), "first_day": TODAY - timedelta(days=n * 30 + 30), "last_day": TODAY - timedelta(days=n * 30),
                                       "n_groups": N_GROUPS, "n_accounts": 200, "n_units": N_UNITS, "made_by": _ADMIN}),
    (ReconciliationFindingRow, 1_200, _finding),
    (SelfReportRow, 365_000, _self_report),
    (SpotDrawRow, 60, _draw),
    (SpotDrawGroupRow, 12_000, lambda n: {"draw_id": (n - 1) // 200 + 1, "place": n, "group_id": _group(n), "code": f"G{_group(n):06}", "pool": ""}),
    (SpotCheckRow, 12_000, _check),
    (SpotObjectionRow, 300, lambda n: {"spot_check_id": n * 3, "actor": "chat:9", "actor_name": "某管理员", "reason": "当日系统故障",
                                       "at": _at(n / 2), "due_on": _day(0)}),
    (PhoneCheckRow, 600, _phone),
    (SiteVisitRow, 400, _visit),
    (WeeklyReportRow, N_REPORTING * _WEEKS, lambda n: {"unit_id": (n - 1) % N_REPORTING + 2, "first_day": _week((n - 1) // N_REPORTING + 1)}),
    (WeeklyVersionRow, N_REPORTING * _WEEKS, _weekly_version),
    (RegisterEntryRow, 1_000, _register),
    (LeaveRow, 500, lambda n: {"identity_id": n, "name": f"第{n}号", "deputy_id": n + 1, "deputy_name": f"第{n + 1}号", "unit_id": _low_unit(n),
                               "first_day": _day(n), "last_day": _day(n), "recorded_at": _at(n), "recorded_by": "chat:9"}),
    (UrgeRow, 5_000, lambda n: {"unit_id": _low_unit(n), "group_id": None, "matter": "未达标", "business_day": _day(n // 14), "n_recipients": 2,
                                "made_at": _at(n / 14), "made_by": _ADMIN}),
    (UnregisteredGroupRow, 3_000, lambda n: {"source": "demo", "external_id": f"x{n}", "first_seen_at": _at(n / 10), "last_seen_at": _at(0.1),
                                             "n_events": n}),
    (ExportRow, 2_000, _export),
    (KeptInputRow, 100, lambda n: {"id": f"E-{n}", "received_at": _at(n), "source": "/wechat/demo", "error": "KeyError", "body": b"x"}),
    (LabelledExampleRow, 20_000, lambda n: {"question": "有关" if n % 2 else "不良信息", "group_id": _group(n) if n % 2 else 0, "text_key": n,
                                            "text": f"{_TEXT} {n}", "label": "有关" if n % 2 else "误报", "source": f"incident:{n}",
                                            "said_by": "chat:9", "said_at": _at(n / 60)}),
    (UnitWordRow, 2_000, lambda n: {"unit_id": _city(n), "word": f"词{n}", "category": "广告", "severity": 2, "flags": "", "note": "",
                                    "is_enabled": True, "added_by": _ADMIN, "added_at": _at(n / 6)}),
    (DaySignalRow, 18_000, _signal),
)  # fmt: skip


def _account_days() -> Iterator[dict[str, Any]]:
    for account in range(1, 2 + N_REPORTING):
        for ago in range(365):
            if (account + ago) % 9:
                yield {
                    "account_id": account,
                    "business_day": _day(ago),
                    "n_articles": (account + ago) % 3,
                    "n_events": 4,
                }


def _articles() -> Iterator[dict[str, Any]]:
    for account in range(1, 2 + N_REPORTING):
        for ago in range(365):
            yield {"account_id": account, "event_key": account * 1_000 + ago, "business_day": _day(ago), "occurred_at": _at(ago),
                   "url": f"https://mp.weixin.qq.com/s/{account}-{ago}", "status": "success", "is_qualifying": True, "fields": {}}  # fmt: skip
