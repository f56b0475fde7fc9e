"""People at our doors: binding, sign-in, sessions, chat steps. Use cases."""
