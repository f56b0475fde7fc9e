"""Incidents from detection to closure on both databases (HN-2.2.1c, D-03, D-07)."""

from functools import partial

import pytest

from monitor.errors import NotFound, ReadOnlyRole
from monitor.incidents.course import ActRefused, IncidentAct, IncidentState, IncidentStateRefused
from monitor.store.database import Database
from monitor.store.days.posts import Recall, insert_posts, recall_posts
from monitor.units import Role
from monitor.usecases.incidents import acts as incident_acts
from monitor.usecases.incidents.desk import IncidentNotFound
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.incident_help import ADVERT, Case, suspect


@pytest.fixture
def case(database: Database, cast: Cast, clock: FrozenClock) -> Case:
    return Case(database, cast, clock)


def test_the_same_text_in_many_groups_is_one_incident_with_many_places(case: Case) -> None:
    case.posted("LC0001", "LC0101", "YS0101")
    case.posted("QD0101", text="特价门票， 扫码进群領取優惠券")  # blanks and traditional characters
    assert case.sizes() == (1, 4)
    whole = case.seen_by(case.cast.viewer("QS", Role.INSPECTOR))
    assert whole.state is IncidentState.FOUND
    assert whole.text == ADVERT
    assert whole.hits == ("优惠券",)
    assert {place.sender for place in whole.places} == {"张＊＊"}


def test_a_redelivered_post_adds_nothing(case: Case) -> None:
    posts = case.posted("LC0001")
    assert case.database.write_bulk(insert_posts, posts) == [False]
    incident = case.seen_by(case.cast.viewer("LC"))
    assert [place.n_posts for place in incident.places] == [1]


def test_each_sees_and_moves_only_the_places_of_their_own_subtree(case: Case) -> None:
    case.posted("LC0101", "YS0101")
    lc, ys, inspector = case.cast.viewer("LC"), case.cast.viewer("YS"), case.cast.viewer("QS", Role.INSPECTOR)
    done = case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.DELETE, "已删除"))
    assert done.n_moved == 1
    assert [place.group_code for place in done.incident.places] == ["LC0101"]
    assert done.incident.state is IncidentState.DISPOSED
    assert case.seen_by(ys).state is IncidentState.FOUND
    assert case.seen_by(inspector).state is IncidentState.FOUND
    assert case.count("LC0101") == (0, 0)
    assert case.count("YS0101") == (1, 0)


def test_a_sibling_reads_the_same_as_of_what_does_not_exist(case: Case) -> None:
    case.posted("LC0101")
    ys = case.cast.viewer("YS")
    with pytest.raises(IncidentNotFound) as hidden:
        case.acts(ys, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    with pytest.raises(IncidentNotFound) as missing:
        case.acts(ys, lambda docket: incident_acts.act_on(docket, 99, IncidentAct.CONFIRM))
    assert hidden.value.user_text == missing.value.user_text


def test_a_group_manager_handles_only_the_own_group(case: Case) -> None:
    case.posted("LC0101", "LC0001")
    manager = case.cast.viewer("LC0101", Role.GROUP_MANAGER, "LC0101")
    assert [place.group_code for place in case.seen_by(manager).places] == ["LC0101"]
    done = case.acts(manager, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.HANDLE))
    assert done.incident.state is IncidentState.DISPOSED
    assert case.seen_by(case.cast.viewer("LC")).state is IncidentState.FOUND
    with pytest.raises(ActRefused):
        case.acts(manager, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.FALSE_ALARM, "不是"))
    stranger = case.cast.viewer("YS01", Role.GROUP_MANAGER, "YS0101")
    with pytest.raises(IncidentNotFound):
        case.seen_by(stranger)


def test_a_leader_reads_without_bodies_and_writes_nothing(case: Case) -> None:
    case.posted("LC0101")
    leader = case.cast.viewer("QS", Role.LEADER)
    bare = case.seen_by(leader).without_body()
    assert (bare.text, bare.hits, bare.places[0].sender) == ("", (), "")
    assert bare.categories == ("广告",)
    with pytest.raises(ReadOnlyRole):
        case.acts(leader, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    with pytest.raises(ReadOnlyRole):
        case.does(leader, lambda docket: incident_acts.reveal_text(docket, 1))


def test_the_whole_way_to_closure_and_back(case: Case) -> None:
    case.posted("LC0101")
    lc = case.cast.viewer("LC")
    steps = (
        (IncidentAct.CONFIRM, "", IncidentState.CONFIRMED),
        (IncidentAct.WARN, "已提醒发布人", IncidentState.DISPOSED),
        (IncidentAct.GUIDE, "已在群内说明", IncidentState.GUIDED),
        (IncidentAct.CLOSE, "", IncidentState.CLOSED),
        (IncidentAct.REOPEN, "又有人转发", IncidentState.CONFIRMED),
    )
    for act, note, after in steps:
        case.clock.advance(minutes=5)
        done = case.acts(lc, partial(incident_acts.act_on, incident_id=1, act=act, note=note))
        assert done.incident.state is after
    with pytest.raises(IncidentStateRefused) as refused:
        case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CLOSE, "好"))
    assert refused.value.user_text == "事件当前为“确认”，不能“办结”"


def test_closing_without_guidance_needs_words(case: Case) -> None:
    case.posted("LC0101")
    lc = case.cast.viewer("LC")
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.DELETE, "已删"))
    with pytest.raises(IncidentStateRefused, match="note"):
        case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CLOSE))
    done = case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CLOSE, "已与发布人谈话"))
    assert done.incident.state is IncidentState.CLOSED


def test_confirmed_posts_leave_the_count_and_a_false_alarm_brings_them_back(case: Case) -> None:
    case.posted("LC0101")
    case.posted("LC0101", number=2)
    lc = case.cast.viewer("LC")
    assert case.count("LC0101") == (2, 0)
    done = case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    assert (done.n_posts, case.count("LC0101")) == (2, (0, 0))
    case.posted("LC0101", number=3)  # the same text again: it is confirmed already
    assert case.count("LC0101") == (0, 0)
    done = case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.FALSE_ALARM, "活动通知"))
    assert (done.n_posts, case.count("LC0101")) == (3, (3, 0))
    case.posted("LC0101", number=4)
    assert case.sizes() == (1, 1), "what was found harmless here is not reported again"
    assert case.count("LC0101") == (4, 0)


def test_a_recalled_post_is_taken_out_once_only_and_its_evidence_stays(case: Case) -> None:
    post = case.posted("LC0101")[0]
    day = post.business_day
    recall = Recall(post.group_id, post.message_key, day, post.received_ms + 1000)
    case.database.write_bulk(recall_posts, [recall])
    lc = case.cast.viewer("LC")
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    assert case.count("LC0101") == (0, 0)
    assert case.seen_by(lc).text == ADVERT
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.FALSE_ALARM, "误判"))
    assert case.count("LC0101") == (0, 0), "it was recalled: a finding does not bring it back"


def test_what_should_be_looked_at_first_waits_without_alarm(case: Case) -> None:
    identity = case.bind(Role.UNIT_ADMIN, "LC")
    case.posted("LC0101", is_harmful=False)
    assert case.watch() == 0
    lc = case.cast.viewer("LC")
    assert case.seen_by(lc).state is IncidentState.REVIEW
    assert case.seen_by(lc).next_due is None
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    assert list(case.told()) == [identity]


def test_history_imported_late_raises_no_alarm(case: Case) -> None:
    case.bind(Role.UNIT_ADMIN, "LC")
    old = suspect(case.cast.groups["LC0101"], case.clock())
    case.clock.advance(days=30)
    received = int(case.clock().timestamp() * 1000)
    case.database.write_bulk(insert_posts, [old._replace(received_ms=received)])
    assert case.watch() == 0
    assert case.seen_by(case.cast.viewer("LC")).state is IncidentState.REVIEW


def test_a_text_that_comes_back_after_disposal_is_open_again(case: Case) -> None:
    case.posted("LC0101", "LC0001")
    lc = case.cast.viewer("LC")
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.DELETE, "已删"))
    case.clock.advance(minutes=10)
    case.posted("LC0101", number=2)
    states = {place.group_code: place.state for place in case.seen_by(lc).places}
    assert states == {"LC0101": IncidentState.CONFIRMED, "LC0001": IncidentState.DISPOSED}
    assert case.count("LC0101") == (0, 0)


def test_the_text_of_a_closed_incident_opens_a_new_one(case: Case) -> None:
    case.posted("LC0101")
    lc = case.cast.viewer("LC")
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.GUIDE, "已说明"))
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CLOSE))
    case.posted("LC0101", number=2)
    assert case.sizes() == (2, 2)
    with_both = case.acts(
        lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.REOPEN, "与事件2同源")
    )
    assert with_both.incident.state is IncidentState.CONFIRMED
    case.posted("LC0001")
    assert case.sizes() == (2, 3), "the newer one holds the text"


def test_looking_at_the_whole_text_is_written_down(case: Case) -> None:
    case.posted("LC0101")
    lc = case.cast.viewer("LC")
    assert case.does(lc, lambda docket: incident_acts.reveal_text(docket, 1)) == ADVERT
    with case.database.reading() as connection:
        audit = connection.exec_driver_sql("SELECT actor, action, subject FROM audit").all()
    assert ("chat:LC", "incident.reveal", "incident:1") in [tuple(row) for row in audit]


def test_handing_over_reaches_only_who_answers_for_the_place(case: Case) -> None:
    case.posted("LC0101")
    near, far = case.bind(Role.BRANCH_ADMIN, "LC01"), case.bind(Role.BRANCH_ADMIN, "YS01")
    lc = case.cast.viewer("LC")
    done = case.acts(lc, lambda docket: incident_acts.hand_over(docket, 1, near, "请今天处理"))
    assert done.incident.places[0].holder == f"identity:{near}"
    assert "请今天处理" in case.told()[near][0]
    with pytest.raises(NotFound):
        case.acts(lc, lambda docket: incident_acts.hand_over(docket, 1, far))
