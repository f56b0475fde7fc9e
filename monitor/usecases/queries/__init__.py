"""What people ask of days and units: one object of questions for chat, console and API. Use cases."""
