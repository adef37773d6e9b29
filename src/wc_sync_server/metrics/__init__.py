"""What the server counts of itself, and where a monitoring system reads it. No ids, no names, no schools."""
