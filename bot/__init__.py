"""The edge toward WeChat: callbacks in, replies and pushes out, and the composition root.

`ingress/` and `wechat_codec` turn wire bytes into events, `webhook` answers them, `dispatch` and
`commands/` answer people, `channels/` and `token` push. Only `app` and `__main__` see everything.
"""
