"""Builds the XML that the platform pushes, and reads what is answered."""

from dataclasses import dataclass, field
from itertools import count
from typing import Literal
from xml.etree import ElementTree

Mode = Literal["plain", "compatible", "safe"]
_message_ids = count(6_054_768_590_064_713_728)
Fields = dict[str, "str | int | Fields"]


@dataclass(frozen=True)
class Subscriber:
    """A callback of the project that the platform calls.

    Args:
        url: callback address.
        token: token for the signature.
        account_id: `gh_…` of an official account, or the CorpID of WeCom.
        mode: plain (明文), compatible (兼容) or safe (安全) mode; WeCom knows only safe mode.
        aes_key: EncodingAESKey; needed except in plain mode.
        receive_id: AppID or CorpID inside the encrypted text.
        agent_id: WeCom application; makes the push a WeCom one.
    """

    url: str
    token: str = field(repr=False)
    account_id: str
    mode: Mode = "plain"
    aes_key: str = field(default="", repr=False)
    receive_id: str = ""
    agent_id: int | None = None

    @property
    def is_wecom(self) -> bool:
        """Tell whether this is a WeCom callback."""
        return self.agent_id is not None


@dataclass(frozen=True)
class Push:
    """One message or event on its way to the project."""

    fields: Fields

    @property
    def sender(self) -> str:
        """Give the openid or member id it comes from."""
        return str(self.fields["FromUserName"])

    @property
    def event(self) -> str:
        """Give the event name in lower case; empty for a message."""
        return str(self.fields.get("Event", "")).lower()

    def xml(self) -> str:
        """Give the plain XML."""
        return to_xml(self.fields)


def text_push(account_id: str, sender: str, content: str, at: float, msg_id: int | None = None) -> Push:
    """Build a text message with a fresh 64-bit MsgId."""
    head = _head(account_id, sender, at, "text")
    return Push(head | {"Content": content, "MsgId": next(_message_ids) if msg_id is None else msg_id})


def image_push(account_id: str, sender: str, media_id: str, at: float) -> Push:
    """Build a picture that a person sends; the media id is what the shelf gave."""
    head = _head(account_id, sender, at, "image")
    address = f"http://mmbiz.qpic.cn/{media_id}"
    return Push(head | {"PicUrl": address, "MediaId": media_id, "MsgId": next(_message_ids)})


def event_push(account_id: str, sender: str, event: str, at: float, **more: "str | int | Fields") -> Push:
    """Build an event; keyword arguments become its further fields, e.g. EventKey."""
    return Push(_head(account_id, sender, at, "event") | {"Event": event} | more)


def to_xml(fields: Fields) -> str:
    """Write fields in the platform's style: CDATA for text, bare numbers, nested elements."""
    return f"<xml>{_elements(fields)}</xml>"


def read_xml(body: str) -> dict[str, str]:
    """Read the top level of an answer; raises ElementTree.ParseError or ValueError."""
    if "<!" in body.replace("<![CDATA[", ""):
        raise ValueError("markup declarations are not expected")
    root = ElementTree.fromstring(body)  # noqa: S314 (declarations were refused above)
    if root.tag != "xml":
        raise ValueError("root element is not <xml>")
    return {child.tag: child.text or "" for child in root}


def _head(account_id: str, sender: str, at: float, kind: str) -> Fields:
    return {"ToUserName": account_id, "FromUserName": sender, "CreateTime": int(at), "MsgType": kind}


def _elements(fields: Fields) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())


def _value(value: "str | int | Fields") -> str:
    if isinstance(value, dict):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
