"""What alerts, digests and reminders say, in Chinese. Pure; the first line is always the conclusion."""
