"""The regulations as pure functions and dated, sourced data (考核规则).

Counts, shares and panel entries go in; named verdicts come out, which carry their clause, the status of its
text, their figures and one line of arithmetic in Chinese. Nothing reads a clock, a network or a database.
The only file access is loading the TOML files under `rulebooks/` and the command line of `__main__`.

Imports only the standard library and itself; a test of the architecture keeps it so.
Key types: `source.Verdict`, `rulebook.Rulebook`, `rubric.ScoreSheet`.
"""
