"""The only room that knows SQL: tables, migrations, the writer, and the queries by topic.

Everything else passes a `Connection` through without looking inside. SQLite and PostgreSQL are
served by the same statements; where they differ, the difference lives here.
"""
