"""Running the installation: backup, purge, audit, exports, jobs. Tables and queries."""
