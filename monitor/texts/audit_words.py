"""What actions of the audit and parts of its details are called; without words a name shows itself."""

import json
from collections.abc import Mapping, Sequence

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
    "alert.acknowledged": "确认提醒",
    "alert.unacknowledged": "撤回确认",
    "register.recorded": "督导登记",
    "register.completed": "补充登记",
    "register.replied": "答复",
    "register.closed": "办结登记",
    "register.withdrawn": "撤销登记",
    "spot_check.drawn": "抽查抽取",
    "spot_check.filed": "抽查登记",
    "spot_check.file": "抽查登记",
    "spot_check.objected": "抽查申诉",
    "site_visit.planned": "安排督导",
    "site_visit.paired": "安排交叉检查",
    "phone_check.filed": "电话检查登记",
    "day_grade.changed": "日结结果变动",
    "weekly.submitted": "提交周报",
    "weekly.changed": "修改周报数字",
    "self_report.made": "上报",
    "self_report.decided": "自报核实",
    "self_report.withdrawn": "撤销上报",
    "urge.sent": "催办",
    "leave.recorded": "登记休假",
    "leave.ended": "结束休假",
    "workdays.imported": "登记节假日",
    "job.rerun_asked": "登记重跑",
    "message.sent_again": "重发消息",
    "push.tested": "推送测试",
    "push.silenced": "开始静默",
    "push.silence_ended": "结束静默",
    "database.backed_up": "备份",
    "brief.linked": "生成简报链接",
    "brief.revoked": "作废简报链接",
    "export.order": "导出",
    "export.open": "下载导出",
    "lexicon.change": "更改词库",
    "incident.reported": "举报",
    "incident.confirm": "确认不良信息",
    "incident.warn": "警示发布者",
    "incident.delete": "删除信息",
    "incident.guide": "引导",
    "incident.close": "办结事件",
    "ledger.open": "开通群",
    "ledger.close": "停用群",
    "ledger.members": "更改人数",
    "ledger.manager": "更改管理员",
    "ledger.return": "退回申请",
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


_PARTS = {
    "activity": "活跃度",
    "address": "地址",
    "after": "后",
    "before": "前",
    "before_reason": "原因（前）",
    "bytes": "字节",
    "category": "类别",
    "change": "变更号",
    "clause": "条款",
    "day": "日期",
    "deputy": "代管人",
    "duty": "每日职责",
    "effective_from": "生效日",
    "ended": "已结束",
    "event": "事项",
    "expires": "有效至",
    "figure": "数字",
    "figures": "各项数字",
    "first": "首日",
    "form": "格式",
    "from": "原值",
    "group": "群",
    "group_id": "群内部号",
    "groups": "群",
    "held_on": "日期",
    "hours": "小时",
    "id": "编号",
    "is_bound": "已绑定",
    "item": "项号",
    "job": "任务",
    "kind": "种类",
    "label": "名称",
    "last": "末日",
    "late": "补报",
    "link": "链接",
    "lower": "下级",
    "matter": "事项",
    "max": "分值",
    "meeting": "会议",
    "minutes": "分钟",
    "month": "月份",
    "moved": "改动",
    "n_left_out": "略过条数",
    "n_members": "发言人数",
    "n_posts": "条数",
    "n_relevant": "相关条数",
    "n_renewed": "更新条数",
    "n_repeats": "重复条数",
    "n_results": "结果数",
    "note": "说明",
    "number": "编号",
    "numbers": "编号",
    "of": "所属",
    "on": "日期",
    "page": "页面",
    "period": "期间",
    "picture": "图片",
    "place": "位置",
    "places": "地点",
    "points": "分",
    "reason": "原因",
    "reference": "依据",
    "report": "自报",
    "reusable": "可重复使用",
    "role": "角色",
    "rules": "细则",
    "run": "运行号",
    "same_as": "与此相同",
    "seed": "种子",
    "sha256": "内容摘要",
    "since": "起始",
    "source": "来源",
    "state": "状态",
    "status": "结果状态",
    "to": "对象",
    "today": "当日",
    "unit": "单位",
    "until": "截至",
    "value": "取值",
    "version": "版本",
    "version_id": "版本号",
    "week": "周",
    "word": "词",
    "year": "年度",
}


def detail_words(detail: Mapping[str, object]) -> str:
    """Return a detail as text, its parts by their Chinese names."""
    return "；".join(f"{_PARTS.get(key, key)}：{_value_words(value)}" for key, value in detail.items())


def is_named(part: str) -> bool:
    """Tell whether a part of details has a Chinese name."""
    return part in _PARTS


def _value_words(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return (
            "，".join(f"{_PARTS.get(key, key)} {_value_words(part)}" for key, part in value.items()) or "无"
        )
    if isinstance(value, Sequence):
        return "、".join(map(_value_words, value)) or "无"
    if value is None:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    return json.dumps(value, ensure_ascii=False, default=str)
