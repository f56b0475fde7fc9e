"""What can be objected to: one row per kind of number, in the order of `objections.KINDS`.

Key type: `ObjectionKind`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.commands.command import Ask
from bot.replies.phrases import Answer, Row
from monitor.store.people.chat import Connection


@dataclass(frozen=True, slots=True)
class ObjectionKind:
    """Objections to one kind of thing.

    Attributes:
        number: what its number is called: 项号, 备案号, 事件号.
        takes: whether the first word after 申诉 is such a number. Of several kinds the first counts.
        file: files the objection, in the transaction of its answer; the words are number and reason, as
            written. Raises what the dispatcher tells: OutOfScope, StateError, BadParameter …
        list_filed: rows for 申诉 查询, open ones first; further words as written, such as a year.
    """

    number: str
    takes: Callable[[str], bool]
    file: Callable[[Connection, Ask, tuple[str, ...]], Answer]
    list_filed: Callable[[Connection, Ask, tuple[str, ...]], list[Row]]
