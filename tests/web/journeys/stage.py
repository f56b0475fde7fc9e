"""The stage of the journeys: the whole application on a filled database, served, with chat and jobs.

People sign in and from there on only click and type, by the words they see. QINGXUN_SCREENSHOTS names a
folder for the pictures of every step; without it they go into the test's own folder. Key types: `Stage`,
`Person`.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from monitor.store.database import Database
from monitor.store.tables import table_of
from monitor.units import GroupId, Role, UnitId
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import load_rulebook
from tests.cast import GROUPS, UNITS, Cast
from tests.conversation_stage import Conversation
from tests.fake_wechat import FakeWeChat
from tests.web.browsing import Visit, sync_api
from tests.web.conftest import QUICK
from tests.web.filling import PASSWORD, fill

SOURCE_SECRET = "qingxun-demo-secret"
MORE_USERS = (  # beside those of `filling`
    ("panel", Role.INSPECTOR, "QS"),
    ("operator", Role.OPERATOR, "QS"),
    ("secretary", Role.LEADER, "QS"),
)
_EXPECTED = re.compile(r"status of 40[0349]")  # a refusal that the journey itself asserts on the page


class Person(Visit):
    """Somebody at a browser, who finds things by their words."""

    def __init__(self, browser: "sync_api.Browser", stage: "Stage", journey: str, size: str, **options: bool):
        super().__init__(browser, stage.site, size, "light", **options)
        self._journey, self._folder, self._n_pictures = journey, stage.pictures, 0

    def _note(self, message: "sync_api.ConsoleMessage") -> None:
        if not _EXPECTED.search(message.text):
            super()._note(message)

    def arrive(self, name: str, password: str = PASSWORD) -> "Person":
        """Sign in: the only address that is typed."""
        self.page.goto(self.site + "/sign-in")
        self.fill("用户名", name)
        self.fill("密码", password)
        self.press("登录")
        self.page.wait_for_selector("h1")
        return self

    def menu(self, title: str) -> None:
        """Open a room by the menu; a phone has it behind a button."""
        opener = self.page.get_by_role("link", name="菜单", exact=True)
        if opener.is_visible():
            opener.click()
        self.page.locator("nav.menu").get_by_role("link", name=title, exact=True).click()
        self.page.wait_for_load_state()

    def card(self, title: str) -> "sync_api.Locator":
        """A card by its heading or by what unfolds it."""
        heading = self.page.locator("h2, summary", has_text=title)
        return self.page.locator("main section.card").filter(has=heading).last

    def unfold(self, words: str) -> None:
        self.page.locator("summary", has_text=words).first.click()

    def fill(self, label: str, text: str, within: "sync_api.Locator | None" = None) -> None:
        """Type into a field by its label."""
        self._labelled(label, within).fill(text)

    def choose(self, label: str, words: str, within: "sync_api.Locator | None" = None) -> None:
        """Choose from a list by the words shown, or by how they begin."""
        field = self._labelled(label, within)
        shown = field.locator("option").all_inner_texts()
        field.select_option(label=next(one for one in shown if one.startswith(words)))

    def hand_over(self, label: str, file: Path) -> None:
        """Choose a file."""
        self._labelled(label).set_input_files(file)

    def press(self, words: str, within: "sync_api.Locator | None" = None) -> None:
        """Press a button."""
        (within or self.page.locator("main")).get_by_role("button", name=words, exact=True).first.click()
        self.page.wait_for_load_state()

    def follow(self, words: str, within: "sync_api.Locator | None" = None) -> None:
        """Follow a link."""
        (within or self.page.locator("main")).get_by_role("link", name=words).first.click()
        self.page.wait_for_load_state()

    def reads(self, *texts: str) -> str:
        """Require words on the page, as shown; returns all of them."""
        shown: str = self.page.inner_text("body")
        for text in texts:
            assert text in shown, f"{text!r} is not on the page:\n{self.page.inner_text('main')[:600]}"
        return shown

    def shot(self, name: str, *, whole: bool = True) -> None:
        """Keep a picture of the page, which must fit and be free of errors."""
        self._n_pictures += 1
        file = f"{self._journey}-{self._n_pictures:02}-{name}-{self.name}.png"
        self.page.screenshot(path=self._folder / file, full_page=whole)
        self.require_clean()

    def leave(self) -> None:
        """Close the browser window."""
        self.context.close()

    def _labelled(self, label: str, within: "sync_api.Locator | None" = None) -> "sync_api.Locator":
        root = within or self.page.locator("main")
        return root.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first


class Stage(Conversation):
    """One installation that is served: chat by its webhook, posts by theirs, pages by a browser."""

    def __init__(
        self, file: Path, folder: Path, pictures: Path, platform: FakeWeChat, serve: "Serve", browser: Any
    ) -> None:
        address = {"QINGXUN_PLATFORM_WECHAT_API": platform.url, "QINGXUN_PLATFORM_WECOM_API": platform.url}
        exports = {"QINGXUN_EXPORTS_FOLDER": str(folder / "exports")}
        super().__init__(f"sqlite:///{file}", folder, is_settled=True, **address, **exports)
        self.pictures, self.platform, self._browser = pictures, platform, browser
        self._served = serve(self.app)
        self.site = self._served.__enter__()

    def close(self) -> None:
        self._served.__exit__(None, None, None)
        super().close()

    def person(self, journey: str, size: str, **options: bool) -> Person:
        """Give somebody a browser of their own."""
        return Person(self._browser, self, journey, size, **options)

    def post(self, group: str, text: str, number: int) -> None:
        """Let somebody write in a group, as a collector reports it."""
        event = {
            "time": int(self.clock().timestamp()), "self_id": 1, "post_type": "message",
            "message_type": "group", "sub_type": "normal", "message_id": number, "group_id": group,
            "user_id": 99, "message": text, "sender": {"user_id": 99, "nickname": "小李"},
        }  # fmt: skip
        body = json.dumps(event).encode()
        signature = "sha1=" + hmac.new(SOURCE_SECRET.encode(), body, hashlib.sha1).hexdigest()
        answer = self._clients[0].post("/onebot/demo", data=body, headers={"X-Signature": signature})
        assert answer.status_code == 204, answer.text

    def send_picture(self, name: str, content: bytes) -> str:
        """Let somebody send a picture in chat; it is fetched from the platform by the jobs."""
        media = self.platform.platform.media.put(content)
        self._n_messages += 1
        inner = "<MsgType>image</MsgType><PicUrl>https://pictures.invalid/1</PicUrl>"
        return self._deliver(name, f"{inner}<MediaId>{media}</MediaId>", self._n_messages)

    def rows(self, row: type[Any], **values: object) -> list[Any]:
        """Read rows as they are stored."""
        table = table_of(row)
        query = select(table).where(*(table.c[name] == value for name, value in values.items()))
        with self.services.database.reading() as connection:
            return list(connection.execute(query))


Serve = Callable[[Any], AbstractContextManager[str]]


def furnish(file: Path, folder: Path) -> None:
    """Fill an empty, migrated database: the cast, invitations, a year of days, users of every role."""
    conversation = Conversation(f"sqlite:///{file}", folder)
    database: Database = conversation.services.database
    sign_in = SignIn(database, conversation.clock, QUICK)
    fill(database, settled_cast(), sign_in, load_rulebook())
    for name, role, unit in MORE_USERS:
        sign_in.save_user(name, PASSWORD, role, unit, display_name=f"{name} 用户")
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    conversation.close()


def settled_cast() -> Cast:
    """The cast as it has settled: ids in the order of its lists."""
    units = {code: UnitId(number) for number, (code, *_) in enumerate(UNITS, start=1)}
    paths: dict[str, str] = {}
    for code, _, _, parent in UNITS:
        paths[code] = f"{paths[parent] if parent else '/'}{units[code]}/"
    groups = {code: GroupId(number) for number, (code, *_) in enumerate(GROUPS, start=1)}
    return Cast(units, paths, groups, {})


def picture_folder(own: Path) -> Path:
    """Where pictures go: QINGXUN_SCREENSHOTS, or the test's own folder."""
    folder = Path(os.environ.get("QINGXUN_SCREENSHOTS", own))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
