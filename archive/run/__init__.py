"""What happens in time: passes, readings, the schedule, and whether all is well."""
