"""Style, scripts and icon, under addresses that change with their content."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory, url_for

from web.auth import public

_YEAR = 31_536_000  # seconds


def add_assets(blueprint: Blueprint, folder: Path) -> None:
    """Serve a folder under /assets, gzip twins where they exist, and give templates `asset_url`."""

    @blueprint.get("/assets/<path:name>", endpoint="asset")
    @public
    def _asset(name: str) -> Response:
        zipped = f"{name}.gz"
        if request.accept_encodings["gzip"] and (folder / "vendor" / Path(zipped).name).is_file():
            response = send_from_directory(folder, zipped, max_age=_YEAR, mimetype="text/javascript")
            response.headers["Content-Encoding"] = "gzip"
        else:
            response = send_from_directory(folder, name, max_age=_YEAR)
        response.headers["Vary"] = "Accept-Encoding"
        return response

    @lru_cache
    def _version(name: str) -> str:
        file = folder / name
        return sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "missing"

    @blueprint.app_template_global("asset_url")
    def _asset_url(name: str) -> str:
        return url_for("console.asset", name=name, v=_version(name))
