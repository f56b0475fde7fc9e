"""Headers of pages whose address is the key: not indexed, not passed on, no cookie."""

from flask import Response


def keep_secret(response: Response) -> Response:
    """Let neither search engines nor other sites learn the address."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
