"""What actions of the audit are called; an action without words shows its own name."""

_WORDS = {
    "console.sign_in": "登录",
    "console.sign_in_refused": "登录被拒",
    "console.code_refused": "验证码被拒",
    "console.sign_in_confirmed": "微信确认登录",
    "chat.sign_in_confirmed": "微信确认登录",
    "chat.sign_in_declined": "微信拒绝登录",
    "chat.sign_in_refused": "登录验证码有误",
    "chat.bind": "绑定",
    "chat.unbind": "解绑",
    "chat.bind_refused": "邀请码有误",
    "chat.undo": "撤销",
    "console.user_saved": "保存用户",
    "console.user_created": "增设用户",
    "console.user_changed": "更改角色或单位",
    "console.user_off": "停用用户",
    "console.user_on": "启用用户",
    "console.password_reset": "重设密码",
    "console.factor_on": "开启两步验证",
    "console.factor_off": "关闭两步验证",
    "console.session_ended": "结束登录",
    "invitation.added": "发放邀请码",
    "announcement.published": "发布公告",
    "announcement.withdrawn": "撤回公告",
    "dictionary.renamed": "更改类别",
    "dictionary.on": "启用类别",
    "dictionary.off": "停用类别",
    "system.examined": "自检",
}


def action_words(action: str) -> str:
    """Return what an action is called."""
    return _WORDS.get(action, action)
