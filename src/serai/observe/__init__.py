"""Sources: one module each turns an outside format into the observation table."""
