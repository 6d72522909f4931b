"""Plan: priorities that hold up when the region is shaken."""
