"""The console's own things: announcements, dictionaries, saved views, links. Use cases."""
