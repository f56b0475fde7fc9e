"""Reminders (提醒、催办), deadlines, deputies. Tables and queries."""
