"""Charts, the site and the brief."""
