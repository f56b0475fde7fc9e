"""规则: which readings are selected and what is confirmed. Read only."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most
from bot.permissions import ASSESSORS
from bot.replies.phrases import Answer, quote
from bot.replies.rules import tell_clause, tell_rules, tell_switch
from monitor.errors import BadParameter


def _answer(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    reading = ask.queries.rules(ask.viewer)
    if not ask.arguments:
        return tell_rules(reading, ask.now)
    word = ask.arguments[0].upper()
    switch = reading.find_switch(word)
    if switch is not None:
        return tell_switch(switch, ask.now)
    parameters = reading.find_parameters(word)
    if not parameters:
        text = f"没有开关或条款 {quote(ask.arguments[0])}，开关为 D-01 至 D-18。{ask.command.usage_line}"
        raise BadParameter(f"no switch or clause {word!r}", user_text=text)
    return tell_clause(parameters[0].clause, parameters, ask.now)


RULES = Command(
    name="规则",
    key="rules",
    purpose="默认读法与条款确认情况",
    usage="规则 [D-07/条款]",
    example="规则 D-07",
    roles=ASSESSORS,
    aliases=("细则", "读法"),
    answer=_answer,
)
