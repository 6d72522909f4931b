"""Who does what: activities, their money, and where they overlap or leave gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serai.coordinate.ledger import Ledger

__all__ = ["Ledger"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # Imported when it is named: the processes that read large files need none of it.
    if name == "Ledger":
        from serai.coordinate.ledger import Ledger

        return Ledger
    raise AttributeError(f"module 'serai.coordinate' has no attribute {name!r}")
