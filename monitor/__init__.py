"""What is watched and what happened: units, groups, posts, day counts, grades, alerts.

Everything right here and in the folders named by a subject (`days`, `ledger`, `incidents`, `assessment`,
`index` …) is pure. The same subjects return in `usecases/`, which loads facts, decides through the pure
functions and through `scoring`, and writes once, and in `store/`, and in the bot's replies and the web's
presenters: what belongs to spot checks is found under that name on every floor.

Only `store/` knows SQL and only `jobs.py` knows the scheduler. Nothing here imports Flask or wechatpy.
"""
