"""用户管理 and 在线会话: what operators may do, and that nobody gives or takes over more than they hold."""

import re

import pytest
from flask import Flask

from monitor.errors import BadParameter, OutOfScope
from monitor.store.database import Database
from monitor.units import Role, Viewer
from monitor.usecases.people.administer import Administration, NameTaken, NewUser, NotGrantable, UserNotFound
from monitor.usecases.people.sessions import SessionNotFound, SessionsDesk, handle_of
from monitor.usecases.people.sign_in import SignIn, SignInRefused
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, enter
from tests.web.entering import bind_person, enrol, enter_by_chat, post
from tests.web.filling import PASSWORD

PEOPLE = (
    ("root", Role.OPERATOR, "QS"),
    ("lc-ops", Role.OPERATOR, "LC"),
    ("inspector-qs", Role.INSPECTOR, "QS"),
    ("inspector-lc", Role.INSPECTOR, "LC"),
    ("admin-lc", Role.UNIT_ADMIN, "LC"),
    ("admin-ys", Role.UNIT_ADMIN, "YS"),
)


@pytest.fixture
def sign_in(database: Database, cast: Cast, clock: FrozenClock) -> SignIn:
    made = SignIn(database, clock, QUICK)
    for name, role, unit in PEOPLE:
        made.save_user(name, PASSWORD, role, unit)
    assert cast
    return made


@pytest.fixture
def users(database: Database, clock: FrozenClock, sign_in: SignIn) -> Administration:
    return Administration(database, clock, sign_in)


def viewer_of(sign_in: SignIn, name: str) -> Viewer:
    visitor = sign_in.resume(sign_in.enter(name, PASSWORD).token)
    assert visitor
    return visitor.viewer


def id_of(users: Administration, sign_in: SignIn, name: str) -> int:
    root = viewer_of(sign_in, "root")
    return next(line.user_id for line in users.users(root) if line.name == name)


def test_an_operator_sees_the_users_of_the_own_subtree_only(users: Administration, sign_in: SignIn) -> None:
    assert [line.name for line in users.users(viewer_of(sign_in, "lc-ops"))] == [
        "admin-lc", "inspector-lc", "lc-ops",
    ]  # fmt: skip
    assert len(users.users(viewer_of(sign_in, "root"))) == len(PEOPLE)


def test_a_foreign_user_is_a_missing_user(users: Administration, sign_in: SignIn) -> None:
    operator, foreign = viewer_of(sign_in, "lc-ops"), id_of(users, sign_in, "admin-ys")
    for number in (foreign, 999_999, 0, 2**40):
        for act in (users.user, users.reset_password, users.reset_second_factor):
            with pytest.raises(UserNotFound):
                act(operator, number)
        with pytest.raises(UserNotFound):
            users.switch(operator, number, is_active=False)
        with pytest.raises(UserNotFound):
            users.change(operator, number, Role.LEADER, "LC")
    assert sign_in.enter("admin-ys", PASSWORD)


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        (Role.UNIT_ADMIN, "QS"),  # the parent's scope
        (Role.OPERATOR, "QS"),
        (Role.LEADER, "YS"),  # a sibling's
        (Role.INSPECTOR, "LC"),  # a role wider than the own
        (Role.INSPECTOR, "LC01"),
        (Role.GROUP_MANAGER, "LC"),  # a role without pages
        (Role.LEADER, "NOWHERE"),
        (Role.LEADER, ""),
    ],
)
def test_nobody_gives_a_scope_or_role_wider_than_their_own(
    users: Administration, sign_in: SignIn, role: Role, unit: str
) -> None:
    operator, subject = viewer_of(sign_in, "lc-ops"), id_of(users, sign_in, "admin-lc")
    with pytest.raises(BadParameter):
        users.create(operator, NewUser("fresh", role, unit))
    with pytest.raises(BadParameter):
        users.change(operator, subject, role, unit)
    assert not sign_in.has_user("fresh")
    kept = users.user(operator, subject)
    assert (kept.role, kept.unit_code) == (Role.UNIT_ADMIN.value, "LC")


def test_a_wider_role_in_the_own_subtree_cannot_be_taken_over(users: Administration, sign_in: SignIn) -> None:
    operator, inspector = viewer_of(sign_in, "lc-ops"), id_of(users, sign_in, "inspector-lc")
    for act in (users.reset_password, users.reset_second_factor):
        with pytest.raises(NotGrantable):
            act(operator, inspector)
    with pytest.raises(NotGrantable):
        users.change(operator, inspector, Role.LEADER, "LC")
    assert sign_in.enter("inspector-lc", PASSWORD)
    assert users.reset_password(viewer_of(sign_in, "root"), inspector)


@pytest.mark.parametrize("name", ["inspector-qs", "admin-lc"])
def test_who_is_no_operator_administers_nobody(users: Administration, sign_in: SignIn, name: str) -> None:
    viewer = viewer_of(sign_in, name)
    with pytest.raises(OutOfScope):
        users.users(viewer)
    with pytest.raises(OutOfScope):
        users.create(viewer, NewUser("fresh", Role.LEADER, "LC"))
    with pytest.raises(OutOfScope):
        users.reset_password(viewer, 1)


def test_a_new_user_enters_with_the_shown_password(users: Administration, sign_in: SignIn) -> None:
    operator = viewer_of(sign_in, "lc-ops")
    user_id, password = users.create(operator, NewUser(" 小鹭 ", Role.BRANCH_ADMIN, "lc01", "小鹭"))
    visitor = sign_in.resume(sign_in.enter("小鹭", password).token)
    assert visitor
    assert (visitor.viewer.role, visitor.unit_name) == (Role.BRANCH_ADMIN, "临河镇团委")
    assert users.user(operator, user_id).is_active
    with pytest.raises(NameTaken):
        users.create(operator, NewUser("admin-ys", Role.LEADER, "LC"))
    with pytest.raises(BadParameter):
        users.create(operator, NewUser("console:1", Role.LEADER, "LC"))


def test_every_change_ends_the_users_sessions_at_once(users: Administration, sign_in: SignIn) -> None:
    root, subject = viewer_of(sign_in, "root"), id_of(users, sign_in, "admin-lc")

    def token_ended_by(act: object) -> bool:
        token = sign_in.enter("admin-lc", PASSWORD).token
        assert callable(act)
        act()
        return sign_in.resume(token) is None

    assert token_ended_by(lambda: users.change(root, subject, Role.LEADER, "LC"))
    assert not token_ended_by(lambda: users.change(root, subject, Role.LEADER, "LC"))  # nothing changed
    assert token_ended_by(lambda: users.switch(root, subject, is_active=False))
    with pytest.raises(SignInRefused):
        sign_in.enter("admin-lc", PASSWORD)
    users.switch(root, subject, is_active=True)
    assert token_ended_by(lambda: users.reset_password(root, subject))


def test_nobody_locks_out_themselves(users: Administration, sign_in: SignIn) -> None:
    root = viewer_of(sign_in, "root")
    with pytest.raises(NotGrantable):
        users.switch(root, id_of(users, sign_in, "root"), is_active=False)
    assert sign_in.enter("root", PASSWORD)


def test_sessions_are_ended_one_by_one_or_all_others(
    sign_in: SignIn, database: Database, clock: FrozenClock
) -> None:
    desk = SessionsDesk(database, clock)
    tokens = [sign_in.enter("admin-lc", PASSWORD, address=f"192.0.2.{n}").token for n in range(4)]
    visitor = sign_in.resume(tokens[0])
    assert visitor
    assert {line.address for line in desk.own(visitor.viewer)} == {f"192.0.2.{n}" for n in range(4)}
    desk.end_own(visitor.viewer, handle_of(tokens[1]))
    assert sign_in.resume(tokens[1]) is None
    foreign = sign_in.enter("admin-ys", PASSWORD).token
    with pytest.raises(SessionNotFound):
        desk.end_own(visitor.viewer, handle_of(foreign))
    assert desk.end_others(visitor.viewer, tokens[0]) == 2
    assert [sign_in.resume(token) is not None for token in (tokens[0], *tokens[2:], foreign)] == [
        True, False, False, True,
    ]  # fmt: skip


def test_an_operator_ends_sessions_of_the_own_subtree_only(
    sign_in: SignIn, database: Database, clock: FrozenClock
) -> None:
    desk, operator = SessionsDesk(database, clock), viewer_of(sign_in, "lc-ops")
    near, far = sign_in.enter("admin-lc", PASSWORD).token, sign_in.enter("admin-ys", PASSWORD).token
    desk.end_any(operator, handle_of(near))
    for handle in (handle_of(far), "", "%", "no such handle"):
        with pytest.raises(SessionNotFound):
            desk.end_any(operator, handle)
    assert sign_in.resume(near) is None
    assert sign_in.resume(far)


def test_the_pages_create_change_and_reset(
    app: Flask, login: Login, filled: Database, clock: FrozenClock
) -> None:
    SignIn(filled, clock, QUICK).save_user("ops", PASSWORD, Role.OPERATOR, "QS")
    client = login("ops")
    assert "鹭川团市委（LC）" in client.get("/system/users/new?q=鹭川").text
    empty = post(client, "/system/users/new", "/system/users/new", name="", unit="", role="")
    assert (empty.status_code, "请填写用户名" in empty.text) == (400, True)
    fields = {"name": "xiaolu", "unit": "LC", "role": Role.UNIT_ADMIN.value}
    made = post(client, "/system/users/new", "/system/users/new", **fields)
    found = re.search(r'class="big-code">([^<]+)<', made.text)
    number = re.search(r"/system/users/(\d+)", made.text)
    assert found
    assert number
    assert found[1] not in client.get(f"/system/users/{number[1]}").text
    fresh = app.test_client()
    assert enter(fresh, "xiaolu", found[1]).status_code == 302
    enrol(fresh, clock)
    page = f"/system/users/{number[1]}"
    assert "解除两步验证" in client.get(page).text
    assert post(client, page, f"{page}/factor").status_code == 302
    assert fresh.get("/").status_code == 302
    assert enter(fresh, "xiaolu", found[1]).location == "/"
    post(client, page, f"{page}/change", role=Role.LEADER.value, unit="LC")
    assert fresh.get("/").status_code == 302
    assert "领导" in client.get(page).text


def test_a_foreign_user_page_looks_like_a_missing_one(
    login: Login, filled: Database, clock: FrozenClock
) -> None:
    SignIn(filled, clock, QUICK).save_user("ops", PASSWORD, Role.OPERATOR, "LC")
    client = login("ops")
    assert client.get("/").status_code == 200  # its notice of the sign-in is shown once
    pages = [client.get(f"/system/users/{number}") for number in (1, 3, 999_999)]  # province, yunshan, nobody
    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r"csrf_token\" value=\"[^\"]+", "", page.text) for page in pages}) == 1
    assert "yunshan" not in client.get("/system/users?q=yunshan").text.replace('value="yunshan"', "")


def test_people_bound_in_chat_are_listed_and_forced_out(
    app: Flask, login: Login, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock)
    person = enter_by_chat(app, filled, clock)
    SignIn(filled, clock, QUICK).save_user("ops", PASSWORD, Role.OPERATOR, "QS")
    client = login("ops")
    page = client.get("/system/sessions").text
    assert "陈晓" in page
    row = next(part for part in page.split("<tr>") if "陈晓" in part)
    handle = re.search(r'name="handle" value="(\w+)"', row)
    assert handle
    assert post(client, "/system/sessions", "/system/sessions/end", handle=handle[1]).status_code == 302
    assert person.get("/").status_code == 302
