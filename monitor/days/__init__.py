"""Business days: posts, counts, grades, closing, self-reports. Pure decisions."""
