"""What is watched and what happened: units, groups, posts, day counts, grades, alerts.

The field modules (`clock`, `units`, `events`, `counting`, `topics`, `alerts`, `outbox`) are pure
functions and values; `usecases/` loads facts, decides through them and through `scoring`, and writes
once; only `store/` knows SQL and only `jobs.py` knows the scheduler. Nothing here imports Flask or
wechatpy.
"""
