"""Spot checks (抽查) and site visits (HN-4.1c–f). Tables and queries."""
