"""What the server's worker process loads: the application, built while the garbage collector rests.

Loading makes half a million objects that stay for good; the collector would walk over them again and
again meanwhile, and afterwards at every full collection, in the middle of requests.
"""

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.fast_lane import WsgiApp


def serve_process() -> "WsgiApp":
    """Return the application of this process, which keeps what was loaded out of the collector's rounds."""
    gc.disable()
    try:
        from bot.app import build_from_environment

        return build_from_environment()
    finally:
        gc.freeze()
        gc.enable()
