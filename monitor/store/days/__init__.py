"""Business days: posts, counts, grades, closing, self-reports. Tables and queries."""
