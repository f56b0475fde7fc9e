"""The weekly report (微信周报, HN-4.1a). Use cases."""
