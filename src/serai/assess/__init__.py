"""Progress methods and projections with a tested error."""
