"""Files that are downloaded, under names in any script (RFC 5987)."""

from urllib.parse import quote

from flask import Response


def attach(content: bytes, media_type: str, name: str) -> Response:
    """Return a file as download; browsers that read no `filename*` save it under its suffix alone."""
    suffix = name.rpartition(".")[2]
    plain = f"qingxun.{suffix}" if suffix.isascii() and suffix.isalnum() else "qingxun"
    response = Response(content, mimetype=media_type)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Disposition"] = disposition
    return response
