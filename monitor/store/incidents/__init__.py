"""Incidents of harmful content (不良信息事件, HN-2.2.1c). Tables and queries."""
