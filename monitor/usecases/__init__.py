"""One file per thing the system does: load facts, decide through pure functions, write once."""
