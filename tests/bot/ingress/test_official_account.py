"""Official account pushes: every recorded one, dedupe keys, finished sends, refusals."""

from typing import Any

import pytest

from bot.ingress.official_account import decode
from bot.ingress.xml_body import read_xml
from monitor.errors import BadPayload
from monitor.events import Article, EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import INDEX, NOW, NOW_S, TEXT, payload, payload_json

MESSAGES = {
    "oa_plain_text.xml": (PostKind.TEXT, "hhhhhjjjjjjjjj"),
    "oa_plain_image.xml": (PostKind.IMAGE, ""),
    "oa_plain_voice.xml": (PostKind.VOICE, "傻逼！"),
    "oa_plain_video.xml": (PostKind.VIDEO, ""),
    "oa_plain_shortvideo.xml": (PostKind.VIDEO, ""),
    "oa_plain_location.xml": (PostKind.OTHER, "湖北省恩施土家族苗族自治州恩施市"),
    "oa_plain_link.xml": (PostKind.LINK, "当日本的“变态”遇上德国的严谨，结果房子疯了！"),
}
JOBS = sorted(name for name in INDEX if "jobfinish" in name and "template" not in name)
EVENTS = sorted(name for name in INDEX if name.startswith("oa_event_") and name not in JOBS)


def fields_of(name: str, **changed: Any) -> dict[str, Any]:
    return read_xml(payload(name)) | changed


def event(**changed: Any) -> InboundEvent:
    base = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": str(NOW_S), "MsgType": "event"}
    return decode("demo", base | changed, NOW)


@pytest.mark.parametrize("name", MESSAGES)
def test_recorded_messages_are_chat_of_their_form(name: str) -> None:
    fields = fields_of(name)
    seen = decode("demo", fields, NOW)
    assert (seen.kind, seen.post_kind, seen.text) == (EventKind.CHAT, *MESSAGES[name])
    assert (seen.place_id, seen.sender_id) == (fields["ToUserName"], fields["FromUserName"])
    assert seen.occurred_at.timestamp() == int(fields["CreateTime"])
    assert seen.fields["MsgId"] == INDEX[name]["expect"]["MsgId"]
    assert seen.message_key == seen.event_key


@pytest.mark.parametrize("name", EVENTS)
def test_recorded_events_are_account_events_with_their_wire_fields(name: str) -> None:
    seen = decode("demo", fields_of(name, CreateTime=str(NOW_S)), NOW)
    assert seen.kind is EventKind.ACCOUNT
    for field, value in INDEX[name]["expect"].items():
        if field != "has_msgid":
            assert seen.fields[field] == value


def test_a_push_from_before_the_year_2000_is_refused() -> None:
    with pytest.raises(BadPayload, match="时间范围"):
        decode("demo", fields_of("oa_event_click.xml"), NOW)


def test_the_json_test_push_is_an_account_event() -> None:
    seen = decode("demo", payload_json("oa_json_debug_demo.json")["request"]["body"], NOW)
    assert (seen.kind, seen.fields["debug_str"]) == (EventKind.ACCOUNT, "hello world")


def test_a_finished_mass_send_names_its_articles() -> None:
    seen = decode("demo", fields_of("oa_event_masssendjobfinish_success.xml"), NOW)
    assert seen.kind is EventKind.ARTICLES
    assert seen.articles == (Article(1, "http://mp.weixin.qq.com/s/8yzT20EvmDg37Jso9nsIIw"),)
    assert (seen.fields["MsgID"], seen.fields["Status"]) == ("1000000003", "send success")


def test_a_rejected_mass_send_names_no_article_and_keeps_its_status_raw() -> None:
    seen = decode("demo", fields_of("oa_event_masssendjobfinish_rejected.xml"), NOW)
    assert (seen.kind, seen.articles) == (EventKind.ARTICLES, ())
    assert seen.fields["Status"] == "err(30003)"
    assert seen.fields["CopyrightCheckResult"]["CheckState"] == "2"
    assert len(seen.fields["CopyrightCheckResult"]["ResultList"]["item"]) == 2


def test_a_successful_mass_send_without_urls_takes_positions_from_the_copyright_check() -> None:
    fields = fields_of("oa_event_masssendjobfinish_rejected.xml", Status="send success")
    assert decode("demo", fields, NOW).articles == (Article(1), Article(2))


@pytest.mark.parametrize("empty", ["", {"Count": "0", "ResultList": ""}, None])
def test_a_mass_send_whose_lists_arrive_empty_is_still_a_finished_send(empty: object) -> None:
    fields = fields_of("oa_event_masssendjobfinish_success.xml", ArticleUrlResult=empty)
    assert decode("demo", fields, NOW).articles == ()


def test_a_publication_names_its_articles_and_status() -> None:
    seen = decode("demo", fields_of("oa_event_publishjobfinish_ok.xml"), NOW)
    assert (seen.kind, seen.articles) == (EventKind.ARTICLES, (Article(1, "ARTICLE_URL"),))
    assert (seen.fields["publish_id"], seen.fields["publish_status"]) == ("2247503051", "0")
    assert seen.fields["fail_idx"] == []


def test_a_publication_that_failed_the_original_check_names_the_failed_ones() -> None:
    fields = fields_of("oa_event_publishjobfinish_original_fail.xml")
    assert decode("demo", fields, NOW).fields["fail_idx"] == ["1", "2"]
    fields["PublishEventInfo"]["fail_idx"] = "2"
    assert decode("demo", fields, NOW).fields["fail_idx"] == ["2"]


@pytest.mark.parametrize("n_items", [0, 1, 2, 8])
def test_article_lists_of_any_length_are_read(n_items: int) -> None:
    items = [{"idx": str(place), "article_url": f"u{place}"} for place in range(1, n_items + 1)]
    detail = {"count": str(n_items), "item": items[0] if n_items == 1 else items}
    seen = event(
        Event="PUBLISHJOBFINISH",
        PublishEventInfo={"publish_id": 1, "publish_status": 0, "article_detail": detail},
    )
    assert [article.url for article in seen.articles] == [item["article_url"] for item in items]


def test_a_later_deletion_has_its_own_key_and_points_at_the_same_publication() -> None:
    def publication(status: int) -> InboundEvent:
        return event(Event="PUBLISHJOBFINISH", PublishEventInfo={"publish_id": "7", "publish_status": status})

    done, deleted = publication(0), publication(5)
    assert done.event_key != deleted.event_key
    assert done.message_key == deleted.message_key


def test_the_case_of_an_event_name_does_not_matter_and_is_kept() -> None:
    upper, lower = event(Event="SUBSCRIBE", EventKey=""), event(Event="subscribe", EventKey="")
    assert upper.event_key == lower.event_key
    assert (upper.fields["Event"], lower.fields["Event"]) == ("SUBSCRIBE", "subscribe")
    assert event(Event="MassSendJobFinish", MsgID="1", Status="send fail").kind is EventKind.ARTICLES


def test_both_spellings_of_a_job_id_are_one_job() -> None:
    first = event(Event="MASSSENDJOBFINISH", MsgID="1", Status="send success")
    assert first.event_key == event(Event="MASSSENDJOBFINISH", MsgId=1, Status="send success").event_key


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        ({}, True),
        ({"Ticket": "x"}, True),
        ({"EventKey": "2"}, False),
        ({"Event": "VIEW"}, False),
        ({"CreateTime": str(NOW_S + 1)}, False),
        ({"FromUserName": "o2"}, False),
        ({"ToUserName": "gh_2"}, False),
        ({"ChangeType": "x"}, False),
    ],
)
def test_events_of_one_second_are_told_apart_by_what_they_are(changed: dict[str, str], is_same: bool) -> None:
    first = {"Event": "CLICK", "EventKey": "1"}
    assert (event(**first).event_key == event(**first | changed).event_key) is is_same


def test_a_message_is_known_by_its_id_whatever_else_differs() -> None:
    base = read_xml(TEXT.encode())
    key = decode("demo", base, NOW).event_key
    assert decode("demo", base | {"CreateTime": str(NOW_S + 5)}, NOW).event_key == key
    assert decode("demo", base | {"MsgId": int(base["MsgId"])}, NOW).event_key == key
    assert decode("demo", base | {"MsgId": "1"}, NOW).event_key != key
    assert decode("other", base, NOW).event_key != key


def test_a_message_without_id_is_known_by_sender_time_and_text() -> None:
    base = {"MsgType": "text", "Content": "状态"}
    assert event(**base).event_key == event(**base).event_key
    assert event(**base).event_key != event(**base | {"Content": "排名"}).event_key


def test_an_event_key_that_is_an_object_is_taken_in_any_order() -> None:
    first = event(Event="x", EventKey={"a": 1, "b": [2]})
    assert first.event_key == event(Event="x", EventKey={"b": [2], "a": 1}).event_key


def test_an_unknown_message_type_is_chat_of_other_form() -> None:
    seen = event(MsgType="music", MsgId="1")
    assert (seen.kind, seen.post_kind) == (EventKind.CHAT, PostKind.OTHER)


def test_the_text_of_a_message_is_not_repeated_in_the_fields() -> None:
    assert "Content" not in decode("demo", read_xml(TEXT.encode()), NOW).fields


def test_a_template_receipt_is_known_by_job_and_status() -> None:
    def receipt(status: str) -> int:
        return event(Event="TEMPLATESENDJOBFINISH", MsgID="1", Status=status).event_key

    assert receipt("success") == receipt("success") != receipt("failed:user block")


@pytest.mark.parametrize(
    "changed",
    [
        {"ToUserName": None},
        {"ToUserName": ""},
        {"ToUserName": ["a", "b"]},
        {"FromUserName": {"a": "b"}},
        {"FromUserName": "x" * 129},
        {"FromUserName": "a\nb"},
        {"CreateTime": None},
        {"CreateTime": "abc"},
        {"CreateTime": "1" * 20},
        {"CreateTime": 10**15},
        {"CreateTime": True},
        {"CreateTime": ["1", "2"]},
        {"MsgType": None},
        {"MsgType": ""},
        {"MsgType": ["text", "text"]},
        {"MsgType": {"a": "text"}},
        {"MsgType": "text", "Content": ["a", "b"]},
        {"MsgType": "text", "Content": {"a": "b"}},
        {"MsgType": "text", "MsgId": ["1", "2"]},
        {"MsgType": "text", "MsgId": 1.5},
        {"Event": None},
        {"Event": ""},
        {"Event": ["a", "b"]},
        {"Event": "MASSSENDJOBFINISH"},
        {"Event": "MASSSENDJOBFINISH", "MsgID": "1", "Status": ["a", "b"]},
        {
            "Event": "MASSSENDJOBFINISH",
            "MsgID": "1",
            "ArticleUrlResult": {"ResultList": {"item": {"ArticleIdx": "x"}}},
        },
        {"Event": "PUBLISHJOBFINISH"},
        {"Event": "PUBLISHJOBFINISH", "PublishEventInfo": "x"},
        {"Event": "PUBLISHJOBFINISH", "PublishEventInfo": {"publish_id": "1"}},
    ],
)
def test_a_push_that_is_not_what_it_claims_is_a_bad_payload(changed: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        event(**changed)
