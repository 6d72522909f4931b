"""Who depends on whom for what: flows between countries, indices, what follows when something gives way."""
