"""Realistic signed requests: WeChat text messages, OneBot v11 group posts, batches of post items."""

import hashlib
import hmac
import random
import time
from collections.abc import Iterator

import orjson

from bench.load import http_post

TOKEN = "qingxun-demo-token"
ONEBOT_SECRET = "qingxun-demo-secret"
API_TOKEN = "qingxun-demo-api"
GROUPS = [str(10001 + number) for number in range(200)]
TEXTS = (
    "今天下午三点在团委会议室召开志愿服务活动部署会，请各支部按时参加",
    "收到，我们支部五个人报名，名单晚上发群里",
    "青年大学习本期还有三位同学没有完成，请抓紧",
    "明天降温，大家注意添衣，周末的植树活动照常进行",
    "食堂二楼新开了一家面馆，味道还不错",
    "主题团日的照片已经整理好了，请大家查看相册并补充说明",
    "有没有人看到我的雨伞，蓝色的，落在图书馆三楼",
    "好的",
)
REPLIES = ("收到", "好的", "1", "谢谢")


def post_text(chooser: random.Random) -> str:
    """A member's text: every third is a short reply that many send, the others are nobody else's."""
    if chooser.random() < 1 / 3:
        return chooser.choice(REPLIES)
    return f"{chooser.choice(TEXTS)}（第{chooser.randrange(1_000_000)}号）"


def wechat_texts(path: str = "/wechat/demo") -> Iterator[bytes]:
    """Text messages to an official account, each with its own MsgId, nonce and signature."""
    chooser = random.Random(1)
    first_id = time.time_ns()
    number = 0
    while True:
        number += 1
        timestamp, nonce = str(int(time.time())), str(chooser.getrandbits(60))
        signature = hashlib.sha1("".join(sorted((TOKEN, timestamp, nonce))).encode()).hexdigest()  # noqa: S324
        body = (
            "<xml><ToUserName><![CDATA[gh_demo]]></ToUserName>"
            f"<FromUserName><![CDATA[o{chooser.randrange(5000):027d}]]></FromUserName>"
            f"<CreateTime>{timestamp}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{chooser.choice(TEXTS)}]]></Content><MsgId>{first_id + number}</MsgId></xml>"
        ).encode()
        query = f"?signature={signature}&timestamp={timestamp}&nonce={nonce}"
        yield http_post(path + query, body, {"Content-Type": "text/xml"})


def onebot_body(message_id: int, group: int, text: str, user: int) -> bytes:
    """The body of a OneBot v11 group message."""
    event = {
        "time": int(time.time()), "self_id": 1001, "post_type": "message", "message_type": "group",
        "sub_type": "normal", "message_id": message_id, "group_id": group, "user_id": user,
        "anonymous": None, "message": text, "raw_message": text, "font": 0,
        "sender": {"user_id": user, "nickname": "某同学", "card": "", "role": "member"},
    }  # fmt: skip
    return orjson.dumps(event)


def onebot_request(path: str, body: bytes) -> bytes:
    """The signed POST of a OneBot v11 body."""
    signature = "sha1=" + hmac.digest(ONEBOT_SECRET.encode(), body, "sha1").hex()
    headers = {"Content-Type": "application/json", "X-Self-ID": "1001", "X-Signature": signature}
    return http_post(path, body, headers)


def onebot_posts(path: str = "/onebot/demo") -> Iterator[bytes]:
    """Group posts of a OneBot v11 bridge, each signed."""
    chooser = random.Random(2)
    first_id = int(time.time()) % 1_000_000 * 1000
    number = 0
    while True:
        number += 1
        message_id, group = (first_id + number) % 2**31, int(chooser.choice(GROUPS))
        yield onebot_request(
            path, onebot_body(message_id, group, post_text(chooser), chooser.randrange(20_000))
        )


def post_batches(n_items: int, path: str = "/api/v1/posts") -> Iterator[bytes]:
    """Batches of post items for the collectors' interface."""
    chooser = random.Random(3)
    first_id = time.time_ns()
    number = 0
    while True:
        items = []
        for _ in range(n_items):
            number += 1
            items.append(
                {
                    "source": "demo", "bot_id": "b1", "group_id": chooser.choice(GROUPS),
                    "message_id": str(first_id + number), "sender_id": f"m{chooser.randrange(20_000)}",
                    "sender_name": "某同学", "sent_at": int(time.time() * 1000), "kind": "text",
                    "text": post_text(chooser),
                }
            )  # fmt: skip
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {API_TOKEN}"}
        yield http_post(path, orjson.dumps(items), headers)
