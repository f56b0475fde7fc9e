"""WeRoBot behind Flask, as its manual shows: verify, parse, echo; without its session store."""

from flask import Flask
from werobot import WeRoBot
from werobot.contrib.flask import make_view

from bench.payloads import TOKEN

robot = WeRoBot(token=TOKEN, enable_session=False)


@robot.text
def echo(message):  # type: ignore[no-untyped-def]
    return message.content


app = Flask(__name__)
app.add_url_rule("/wechat/demo", endpoint="werobot", view_func=make_view(robot), methods=["GET", "POST"])
