"""The lake: releases, snapshots and as-of reads."""
