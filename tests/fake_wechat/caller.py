"""A bare caller of the stand-in, for its own tests: what curl would do."""

from typing import Any

import requests

from .accounts import (
    DEMO_AGENT_ID,
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    DEMO_CORP_ID,
    DEMO_CORP_SECRET,
    DEMO_ROBOT_KEY,
)
from .answers import Json

TIMEOUT = 2.0


class Caller:
    """Calls the API of one stand-in with the demonstration's accounts."""

    def __init__(self, url: str) -> None:
        """Remember where to call."""
        self.url = url

    def get(self, path: str, **query: Any) -> Json:
        """Make a GET call."""
        return self._json(requests.get(f"{self.url}/{path}", params=query, timeout=TIMEOUT))

    def post(self, path: str, payload: Any, **query: Any) -> Json:
        """Make a POST call with a JSON body."""
        return self._json(requests.post(f"{self.url}/{path}", params=query, json=payload, timeout=TIMEOUT))

    def token(self, app_id: str = DEMO_APP_ID, secret: str = DEMO_APP_SECRET) -> Json:
        """Fetch a plain token."""
        return self.get("cgi-bin/token", grant_type="client_credential", appid=app_id, secret=secret)

    def stable_token(
        self, force: bool = False, app_id: str = DEMO_APP_ID, secret: str = DEMO_APP_SECRET
    ) -> Json:
        """Fetch a stable token."""
        payload = {
            "grant_type": "client_credential",
            "appid": app_id,
            "secret": secret,
            "force_refresh": force,
        }
        return self.post("cgi-bin/stable_token", payload)

    def gettoken(self, corp_id: str = DEMO_CORP_ID, secret: str = DEMO_CORP_SECRET) -> Json:
        """Fetch a WeCom token."""
        return self.get("cgi-bin/gettoken", corpid=corp_id, corpsecret=secret)

    def custom(self, token: str, openid: str = "o1", text: str = "你好") -> Json:
        """Send a customer-service text."""
        payload = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return self.post("cgi-bin/message/custom/send", payload, access_token=token)

    def template(self, token: str, openid: str = "o1", **more: Any) -> Json:
        """Send a template message."""
        payload = {
            "touser": openid,
            "template_id": "t1",
            "data": {"thing1": {"value": "琼海市 活跃度差"}},
        } | more
        return self.post("cgi-bin/message/template/send", payload, access_token=token)

    def app_message(self, token: str, user: str = "zhang", text: str = "预警", **more: Any) -> Json:
        """Send a WeCom application text."""
        payload = {
            "touser": user,
            "agentid": DEMO_AGENT_ID,
            "msgtype": "text",
            "text": {"content": text},
        } | more
        return self.post("cgi-bin/message/send", payload, access_token=token)

    def robot(self, text: str = "预警", kind: str = "text", key: str = DEMO_ROBOT_KEY) -> Json:
        """Send through a group robot."""
        return self.post("cgi-bin/webhook/send", {"msgtype": kind, kind: {"content": text}}, key=key)

    def control(self, name: str, **arguments: Any) -> Json:
        """Run a control function."""
        return self.post(f"_control/{name}", arguments)

    @staticmethod
    def _json(answer: requests.Response) -> Json:
        content: Json = answer.json()
        return content
