"""The lake: releases of providers, our snapshots of them, and reads as of any of either."""

from __future__ import annotations

from serai.store.schema import Receipt
from serai.store.store import Store

__all__ = ["Receipt", "Store"]
