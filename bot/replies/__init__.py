"""The Chinese texts of chat replies: one module per part."""
