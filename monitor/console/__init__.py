"""The console's own things: announcements, dictionaries, saved views, links. Pure decisions."""
