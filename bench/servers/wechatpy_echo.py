"""wechatpy with Flask, as its manual shows: verify, parse, echo; stores nothing."""

from flask import Flask, abort, request
from wechatpy import parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from bench.payloads import TOKEN

app = Flask(__name__)


@app.post("/wechat/demo")
def callback() -> str:
    args = request.args
    try:
        check_signature(TOKEN, args["signature"], args["timestamp"], args["nonce"])
    except InvalidSignatureException:
        abort(403)
    message = parse_message(request.data)
    return str(TextReply(content=message.content, message=message).render())
