"""The assessment of a unit's year (考评, HN-4, the annex). Tables and queries."""
