"""Web authorisation of an official account (网页授权, snsapi_base): silent, and gives the openid only."""

from urllib.parse import urlencode

from bot.channels.http import ApiClient, CallFailed, describe, errcode_of
from monitor.errors import DeliveryError

_CHANNEL = "web authorization"


class WebAuthorization:
    """Finds out whose browser it is, for one account.

    Args:
        client: calls the official-account API.
        pages: address of the platform's authorisation pages, without a slash at the end.
        app_id: AppID of the account.
        secret: its AppSecret.
    """

    def __init__(self, client: ApiClient, pages: str, app_id: str, secret: str) -> None:
        """Take the account."""
        self._client = client
        self._pages = pages.rstrip("/")
        self._app_id = app_id
        self._secret = secret

    def address(self, return_to: str, state: str) -> str:
        """Return where the person's browser is sent; the platform wants the parameters in this order."""
        query = {
            "appid": self._app_id,
            "redirect_uri": return_to,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self._pages}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def openid(self, code: str) -> str:
        """Return whose code it is. Raises: DeliveryError, without the code or the secret."""
        query = {
            "appid": self._app_id,
            "secret": self._secret,
            "code": code[:128],
            "grant_type": "authorization_code",
        }
        failure = None
        try:
            answer = self._client.get("sns/oauth2/access_token", query)
        except CallFailed as failed:
            failure = failed.reason
        if failure is not None:
            raise DeliveryError(failure, channel=_CHANNEL)
        openid = answer.get("openid")
        if errcode_of(answer) or not isinstance(openid, str) or not openid:
            raise DeliveryError(describe(answer), channel=_CHANNEL, permanent=True)
        return openid
