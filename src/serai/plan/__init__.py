"""Plan (work in progress marker)."""
