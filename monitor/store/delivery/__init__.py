"""Alerts and messages on their way to people: outbox, addresses, channels. Tables and queries."""
