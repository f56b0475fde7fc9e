"""The demonstration province (演示省). Use cases."""
