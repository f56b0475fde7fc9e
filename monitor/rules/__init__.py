"""The organisation's rule settings (细则设置) and what-if (试算). Pure decisions."""
