"""Registers of oversight (通报、约谈、调整要求), briefs by link. Use cases."""
