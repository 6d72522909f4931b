"""The International Aid Transparency Initiative's standard (2.03): files in, checked against schema and rules, and out."""
