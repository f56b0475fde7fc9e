"""What people find becomes labelled examples (标注样本): 确认, 误报, 有关, 无关.

Only texts that a person has judged are kept, once each, without their sender; they have a retention of
their own. Functions in the caller's transaction.
"""

from datetime import datetime

from monitor.classify.corpora import NORMAL
from monitor.incidents.course import HARMFUL, IncidentState, merge_key
from monitor.incidents.readings import IncidentReading
from monitor.store.days.post_verdicts import PostKey
from monitor.store.learning.examples import (
    ANY_GROUP,
    Connection,
    NewExample,
    Question,
    forget_example,
    save_example,
)
from monitor.units import Role
from monitor.usecases.incidents.desk import Docket

RELEVANT, OFF_TOPIC = "有关", "无关"


def learn_from_incident(docket: Docket, incident: IncidentReading, after: IncidentState) -> None:
    """Keep the text of an incident with what an administrator found; the latest finding counts.

    A group manager's word teaches nothing (they answer for their own group), nor does a report whose kind
    nobody named. Source: none (design §5).
    """
    if docket.viewer.role is Role.GROUP_MANAGER or not incident.text:
        return
    if label := _label(incident, after):
        key, source = merge_key(incident.text), f"incident:{incident.incident_id}"
        said_by, now = docket.viewer.identity, docket.now
        example = NewExample(Question.HARM, ANY_GROUP, key, incident.text, label, source, said_by, now)
        save_example(docket.connection, example)


def learn_relevance(
    connection: Connection, key: PostKey, text: str, said_by: str, now: datetime, *, is_relevant: bool
) -> None:
    """Keep what a person said about a post's relevance to its group's topics, if it has a text."""
    if text.strip():
        label = RELEVANT if is_relevant else OFF_TOPIC
        source = f"post:{key[0]}:{key[1]}:{key[2]}"
        text_key = merge_key(text)
        save_example(
            connection,
            NewExample(Question.RELEVANCE, key[0], text_key, text, label, source, said_by, now),
        )


def forget_relevance(connection: Connection, key: PostKey, text: str) -> None:
    """Take out what a person had said about a post and took back (撤销)."""
    source = f"post:{key[0]}:{key[1]}:{key[2]}"
    forget_example(connection, Question.RELEVANCE, key[0], merge_key(text), source)


def _label(incident: IncidentReading, after: IncidentState) -> str:
    if after is IncidentState.FALSE_ALARM:
        return NORMAL
    return incident.categories[0] if after in HARMFUL and incident.categories else ""
