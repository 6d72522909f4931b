"""The standard of the International Aid Transparency Initiative (2.03): files in, checked, and out."""
