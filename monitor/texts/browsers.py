"""How a browser is named to people who decide whether it is theirs."""

_UNKNOWN = "未知浏览器"
_BROWSERS = (  # the first that fits: later ones also stand in the names of earlier ones
    ("MicroMessenger", "微信"),
    ("wxwork", "企业微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """Return browser and system from a User-Agent header, such as "Chrome（Windows）"."""
    browser = next((words for sign, words in _BROWSERS if sign in agent), _UNKNOWN)
    system = next((words for sign, words in _SYSTEMS if sign in agent), "")
    return f"{browser}（{system}）" if system else browser
