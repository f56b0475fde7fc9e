"""The peers' servers, each the shortest program its own manual shows."""
