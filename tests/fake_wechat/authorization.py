"""Web authorisation (网页授权, snsapi_base): sends the browser back with a code that is good once."""

import secrets
from urllib.parse import urlencode, urlsplit

from .accounts import Accounts
from .answers import Answer, ApiError, Json, Request
from .counters import Clock

CODE_SECONDS = 300
DEMO_OPENID = "openid-demo"


class Authorization:
    """The authorisation page and the exchange of its codes.

    `visitor` is the openid of whoever opens the page; real WeChat knows it from the phone.
    """

    def __init__(self, clock: Clock, accounts: Accounts) -> None:
        """Serve the given official accounts."""
        self._clock = clock
        self._accounts = accounts
        self._codes: dict[str, tuple[str, str, float]] = {}
        self.visitor = DEMO_OPENID

    def authorize(self, query: dict[str, str]) -> Answer:
        """Send the browser back to `redirect_uri` with code and state, or say what is wrong."""
        app_id, back = query.get("appid", ""), query.get("redirect_uri", "")
        is_known = app_id in self._accounts.official and query.get("scope") == "snsapi_base"
        if (
            not is_known
            or query.get("response_type") != "code"
            or urlsplit(back).scheme not in ("http", "https")
        ):
            return Answer(400, "text/plain; charset=utf-8", "redirect_uri 参数错误".encode())
        code = secrets.token_urlsafe(24)
        self._codes[code] = (app_id, self.visitor, self._clock() + CODE_SECONDS)
        separator = "&" if urlsplit(back).query else "?"
        location = back + separator + urlencode({"code": code, "state": query.get("state", "")})
        return Answer(302, "text/plain", b"", location)

    def access_token(self, request: Request) -> Json:
        """Hand out the openid for a code, once."""
        query = request.query
        app = self._accounts.official.get(query.get("appid", ""))
        if app is None:
            raise ApiError(40013)
        if query.get("secret") != app.secret:
            raise ApiError(40125)
        if query.get("grant_type") != "authorization_code":
            raise ApiError(40002)
        found = self._codes.pop(query.get("code", ""), None)
        if found is None or found[0] != query["appid"]:
            raise ApiError(40029)
        if found[2] <= self._clock():
            raise ApiError(42003)
        token = {"access_token": secrets.token_urlsafe(60), "expires_in": 7200}
        return {**token, "openid": found[1], "scope": "snsapi_base"}
