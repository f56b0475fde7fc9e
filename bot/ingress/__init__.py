"""From wire values to `InboundEvent`, one small module per source.

Every module is pure: no clock, no network, no storage. All of them offer the same shape, so that a
caller can keep them in a table:

- `decode(source, wire, received_at) -> InboundEvent` where one request carries one event. `source` is
  the configured key of the account, bridge or collector; `wire` the raw body, or the opened fields
  where `bot.wechat_codec` has opened an envelope; `received_at` our clock's instant, used only by
  sources that send no time of their own.
- `decode_many(source, wire, …)` where one delivery carries many: it yields `InboundEvent | Rejected`,
  so that one bad item costs only itself.
- `verify(…)` where the source signs or shows a token; raises `BadSignature` and returns nothing.

`fields["reply_key"]`, where it stands, is the `message_key` of the message that a post answers.
What cannot be read raises `BadPayload`; nothing else ever leaves these modules. Heartbeats, private
chats of a bridge and other uncounted traffic are values of kind `IGNORED`, not errors.
"""
