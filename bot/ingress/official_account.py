"""Official account (公众号) pushes: messages, events, finished mass sends and publications.

Takes the fields that `bot.wechat_codec` opened, XML-born (all text) or JSON-born (numbers too).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ingress.wire import canonical, instant_of, objects_of, optional_id, wire_id, wire_text
from monitor.errors import BadPayload
from monitor.events import Article, EventKind, InboundEvent, PostKind, clean_text, stable_key

_FORMS: Mapping[str, PostKind] = {
    "text": PostKind.TEXT,
    "image": PostKind.IMAGE,
    "voice": PostKind.VOICE,
    "video": PostKind.VIDEO,
    "shortvideo": PostKind.VIDEO,
    "link": PostKind.LINK,
    "file": PostKind.FILE,
}
_TEXT_FIELD: Mapping[str, str] = {
    "text": "Content",
    "voice": "Recognition",
    "link": "Title",
    "location": "Label",
}
_ENVELOPE = frozenset({"ToUserName", "FromUserName", "CreateTime", "Content", "PublishEventInfo"})
_SENT = "send success"


def decode(source: str, wire: Mapping[str, Any], received_at: datetime) -> InboundEvent:
    """Return the event of one opened push.

    Args:
        source: configured key of the account.
        wire: opened fields.
        received_at: not used: every push carries CreateTime.
    Returns: CHAT for a message, ARTICLES for a finished mass send (群发) or publication (发布), ACCOUNT
        for any other event. `fields` keeps the other wire fields, statuses as they came.
    Raises: BadPayload.
    """
    account = wire_id(wire.get("ToUserName"), "ToUserName")
    sender = wire_id(wire.get("FromUserName"), "FromUserName")
    occurred_at = instant_of(wire.get("CreateTime"), "CreateTime")
    kind = wire.get("MsgType")
    if type(kind) is not str or not kind:
        raise BadPayload("MsgType 缺失")
    if kind == "event":
        return _event(source, wire, account, sender, occurred_at)
    form = _FORMS.get(kind, PostKind.OTHER)
    name = _TEXT_FIELD.get(kind)
    text = wire_text(wire.get(name), name) if name else ""
    message_id = optional_id(wire.get("MsgId"), "MsgId")
    if message_id:
        key = stable_key(source, account, message_id)
    else:
        key = stable_key(source, account, sender, occurred_at.isoformat(), kind, text)
    return InboundEvent(
        EventKind.CHAT,
        source,
        key,
        occurred_at,
        account,
        sender,
        post_kind=form,
        text=clean_text(text),
        message_key=key,
        fields=_remaining(wire),
    )


def _event(
    source: str, wire: Mapping[str, Any], account: str, sender: str, occurred_at: datetime
) -> InboundEvent:
    """Return the event of a push of MsgType event; platforms differ in the case of Event."""
    name = wire.get("Event")
    if type(name) is not str or not name:
        raise BadPayload("Event 缺失")
    name = name.lower()
    if name == "masssendjobfinish":
        return _mass_send(source, wire, account, sender, occurred_at)
    if name == "publishjobfinish":
        return _publication(source, wire, account, sender, occurred_at)
    if name == "templatesendjobfinish":
        parts: tuple[str, ...] = (_job_id(wire), wire_text(wire.get("Status"), "Status"))
    else:
        parts = (
            sender,
            occurred_at.isoformat(),
            canonical(wire.get("EventKey")),
            canonical(wire.get("ChangeType")),
        )
    key = stable_key(source, account, name, *parts)
    return InboundEvent(
        EventKind.ACCOUNT, source, key, occurred_at, account, sender, message_key=key, fields=_remaining(wire)
    )


def _mass_send(
    source: str, wire: Mapping[str, Any], account: str, sender: str, occurred_at: datetime
) -> InboundEvent:
    """MASSSENDJOBFINISH (群发结束); its article list is often empty in real traffic."""
    job, status = _job_id(wire), wire_text(wire.get("Status"), "Status")
    articles = _articles(_inside(wire, "ArticleUrlResult", "ResultList"), "ArticleIdx", "ArticleUrl")
    if not articles and status.strip().lower() == _SENT:
        checked = _inside(wire, "CopyrightCheckResult", "ResultList")
        articles = _articles(checked, "ArticleIdx", "")
    return InboundEvent(
        EventKind.ARTICLES,
        source,
        stable_key(source, account, "masssendjobfinish", job, status),
        occurred_at,
        account,
        sender,
        message_key=stable_key(source, account, "masssendjobfinish", job),
        articles=articles,
        fields=_remaining(wire),
    )


def _publication(
    source: str, wire: Mapping[str, Any], account: str, sender: str, occurred_at: datetime
) -> InboundEvent:
    """PUBLISHJOBFINISH (发布结束); `fields` holds what PublishEventInfo held, fail_idx always a list."""
    info = wire.get("PublishEventInfo")
    if type(info) is not dict:
        raise BadPayload("PublishEventInfo 缺失")
    job = wire_id(info.get("publish_id"), "publish_id")
    status = wire_id(info.get("publish_status"), "publish_status")
    failed = info.get("fail_idx", [])
    fields = _remaining(wire) | info | {"fail_idx": failed if type(failed) is list else [failed]}
    return InboundEvent(
        EventKind.ARTICLES,
        source,
        stable_key(source, account, "publishjobfinish", job, status),
        occurred_at,
        account,
        sender,
        message_key=stable_key(source, account, "publishjobfinish", job),
        articles=_articles(info.get("article_detail"), "idx", "article_url"),
        fields=fields,
    )


def _articles(holder: object, position_name: str, url_name: str) -> tuple[Article, ...]:
    """Return the articles of a result list whose items are one, several or none."""
    if type(holder) is not dict:
        return ()
    articles = []
    for item in objects_of(holder.get("item")):
        position = item.get(position_name)
        if type(position) is str and position.isascii() and position.isdigit() and len(position) <= 3:
            position = int(position)
        if type(position) is not int:
            raise BadPayload(f"{position_name} 不是序号")
        url = item.get(url_name)
        articles.append(Article(position, clean_text(url) if type(url) is str else ""))
    return tuple(articles)


def _inside(wire: Mapping[str, Any], *names: str) -> object:
    """Return what lies under nested names, None as soon as one is no parent."""
    value: object = wire
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _job_id(wire: Mapping[str, Any]) -> str:
    """Return the job's id; the platform writes MsgID here and MsgId elsewhere."""
    return wire_id(wire.get("MsgID", wire.get("MsgId")), "MsgID")


def _remaining(wire: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wire.items() if name not in _ENVELOPE}
