"""Who does what: activities, their money, and where they overlap or leave gaps."""

from serai.coordinate.ledger import Ledger

__all__ = ["Ledger"]
