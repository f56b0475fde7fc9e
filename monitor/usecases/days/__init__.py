"""Business days: posts, counts, grades, closing, self-reports. Use cases."""
