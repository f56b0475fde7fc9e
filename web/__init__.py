"""The console: server-rendered pages for officials, most of them on a phone inside WeChat.

Views ask the use cases and hand readings to presenters (pure: reading → rows of the template); the
templates only lay out. Every number shows its base and data time. Imports neither SQL nor bot.
`web.console.register_console` is the only entrance.
"""
