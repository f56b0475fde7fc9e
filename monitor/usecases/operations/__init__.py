"""Running the installation: backup, purge, audit, exports, jobs. Use cases."""
