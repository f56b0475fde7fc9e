"""The page that shows what people received, newest first, so that pushes are visible without an account."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from .counters import SHANGHAI
from .people import Received

LONGEST_LIST = 200

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.6 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:46rem;
 margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.4rem;margin:0}
.hint{opacity:.75;margin:.25rem 0 1rem}
article{border:1px solid #8884;border-radius:.5rem;padding:.6rem .9rem;margin:.6rem 0}
article.dropped{border-style:dashed;opacity:.7}
header{display:flex;flex-wrap:wrap;gap:.75rem;font-size:.9rem;opacity:.85}
header strong{opacity:1}
p.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.35rem 0 0}
form{display:flex;flex-wrap:wrap;gap:.5rem;margin:1rem 0}
input,button{font:inherit;padding:.35rem .6rem}
input[name=text]{flex:1;min-width:12rem}
"""

_FORM = """<form method="post" action="/say">
<label>发言人 <input name="openid" value="{openid}" size="14" required></label>
<input name="text" placeholder="以关注者身份给公众号发一句话" aria-label="内容" required autofocus>
<button>发送</button></form>"""


def received_page(
    received: Sequence[Received], dropped: Sequence[Received], may_say: bool, openid: str = "openid-demo"
) -> str:
    """Give the page as HTML; everything that came from outside is escaped."""
    newest = sorted(received, key=lambda entry: entry.number, reverse=True)[:LONGEST_LIST]
    items = "".join(_article(entry) for entry in newest) or "<p>还没有任何推送。</p>"
    lost = "".join(_article(entry, "dropped") for entry in list(reversed(dropped))[:LONGEST_LIST])
    if lost:
        lost = f"<h2>超出频率、被平台静默丢弃（{len(dropped)} 条）</h2>{lost}"
    form = _FORM.format(openid=escape(openid)) if may_say else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>模拟微信 · 收到的消息</title><style>{_STYLE}</style></head><body>"
        "<h1>模拟微信：大家实际收到的消息</h1>"
        '<p class="hint">这是替代微信与企业微信接口的演示服务，不会连接真实平台。'
        f'共 {len(received)} 条，最新在前。<a href="/">刷新</a></p>'
        f"{form}{items}{lost}</body></html>"
    )


def _article(entry: Received, css: str = "") -> str:
    at = datetime.fromtimestamp(entry.at, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f'<article class="{css}"><header><strong>{escape(entry.recipient)}</strong>'
        f"<span>{escape(entry.channel)}</span><time>{at}</time></header>"
        f'<p class="text">{escape(entry.text)}</p></article>'
    )
