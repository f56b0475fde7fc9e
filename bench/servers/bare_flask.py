"""Flask that answers "success" and does nothing else: the floor of any Flask application."""

from flask import Flask

app = Flask(__name__)


@app.post("/wechat/demo")
@app.post("/onebot/demo")
def callback() -> str:
    return "success"
