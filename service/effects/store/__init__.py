"""SQL of tasks, reminders and disclosures; it decides nothing."""
