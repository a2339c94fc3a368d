"""SQL of enrollments, their logs and their histories; it decides nothing."""
