"""One module per page: sign-in, overview, group, and the assets and errors that they share."""
