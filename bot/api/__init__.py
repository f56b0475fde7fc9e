"""The JSON API: what programs may read and write, and its description."""
