"""XML bodies read into plain dicts through C expat, without any document type."""

import re
from typing import Any
from xml.etree import ElementTree

from monitor.errors import BadPayload

MAX_XML_DEPTH = 8
"""Deepest nesting taken over; the deepest documented push has 5 levels."""

# A document type can only stand before the root: whatever does not begin with a root we know is refused,
# while a member may well write 「<!DOCTYPE」 in a message.
_PUSH = re.compile(r"\s*(?:<\?xml[^<>]*\?>\s*)?<xml[\s/>]")
_INNER = re.compile(r"\s*(?:<\?xml[^<>]*\?>\s*)?<(?:msg|sysmsg)[\s/>]")


def read_xml(body: bytes, *, is_inner: bool = False) -> dict[str, Any]:
    """Return the children of the root by name.

    Args:
        body: a push whose root is <xml>.
        is_inner: it is the content of a client's message instead, whose root is <msg> or <sysmsg>.

    Returns: leaves are text as it stands, outer spaces included; parents are dicts; a name that comes
        again becomes a list. Attributes are left out.
    Raises: BadPayload if it is not UTF-8, not well-formed, nested too deeply, or has another root.
    """
    try:
        text = body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise BadPayload("请求内容不是 UTF-8") from error
    if not (_INNER if is_inner else _PUSH).match(text):
        raise BadPayload("请求内容不是可接受的 XML")
    try:
        root = ElementTree.fromstring(text.lstrip())  # noqa: S314 (no document type gets here)
    except (ElementTree.ParseError, ValueError) as error:
        raise BadPayload("XML 格式有误") from error
    return _children(root, MAX_XML_DEPTH)


def _children(parent: ElementTree.Element, levels: int) -> dict[str, Any]:
    """Return an element's children, at most so many levels down."""
    if levels == 0:
        raise BadPayload("XML 嵌套过深")
    fields: dict[str, Any] = {}
    for child in parent:
        value: Any = _children(child, levels - 1) if len(child) else child.text or ""
        name = child.tag
        if name not in fields:
            fields[name] = value
        elif type(fields[name]) is list:
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields
