"""Who does what: activities, their money, and where they overlap or leave gaps."""
