"""Sentences that speak about harmful content without being it: quoting, warning, taking a stand against it.

Such a sentence goes to a person, never to an alert.
"""

import re
from enum import StrEnum


class Cue(StrEnum):
    """Why a text may speak about something rather than say it; the value is shown to people."""

    QUOTING = "转述或举报"
    WARNING = "提醒或宣传防范"
    AGAINST_BIAS = "反对偏见"


_CUES = (
    (
        Cue.WARNING,
        re.compile(
            r"谨防|警惕|严防|防范|防诈|反诈|防骗|当心|小心|切勿|请勿|千万别|千万不要|不要轻信|不轻信|勿轻信|别信|骗局|"
            r"套路揭秘|禁毒|拒绝毒品|远离毒品|珍爱生命|识毒|拒毒|扫黄打非|打击|整治|严禁|禁止|抵制|拒绝|远离|辟谣|谣言止于|不信谣|"
            r"不传谣|普法|案例|警方|民警|公安机关|判处|获刑|依法|举报电话|96110|提高警惕|守护好|上当受骗|被骗|骗人的|都是骗|是诈骗|正规渠道"
        ),
    ),
    (
        Cue.QUOTING,
        re.compile(
            r"(?:有人|他|她|对方|群里|网友|别人|同学|学生|家长|老师|骗子)[^，。！？,!?]{0,8}(?:说|骂|发|喊|问|叫|写|留言|评论|称)[^，。！？,!?]{0,4}"
            r"[:：“\"「『]|(?:举报|曝光|投诉|截图|转发自|原话|所谓|引用|怎么处理|怎么举报|收到(?:一条|这样|短信|陌生))|"
            r"(?:骂|叫|喊|说)(?:我|我们|人家|别人|他|她)是?[“\"「『]"
        ),
    ),
    (
        Cue.AGAINST_BIAS,
        re.compile(
            r"(?:反对|拒绝|抵制|消除|停止|不要|不能|不该|不应|请勿|别再?|没有|杜绝|打破|摒弃|放下)[^，。！？,!?]{0,10}"
            r"(?:歧视|偏见|刻板印象|地域黑|地图炮|标签|谩骂|辱骂|网暴|骂人|污名|一棍子|以偏概全)|"
            r"(?:歧视|偏见|刻板印象|地域黑|地图炮|网暴|骂人|污名化?)[^，。！？,!?]{0,6}"
            r"(?:是不对|不对|不可取|要不得|不应该|可耻|应该停止|何时)|"
            r"人人平等|一视同仁|哪里都有好人|哪都有好人|都有好有坏|不能代表(?:所有|全部|整个)|不要一概而论|互相尊重|相互尊重|尊重每"
        ),
    ),
)


def find_cues(text: str) -> tuple[Cue, ...]:
    """Return what a text, folded as models read it, shows of speaking about something."""
    return tuple(cue for cue, pattern in _CUES if pattern.search(text))
