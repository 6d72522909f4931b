"""What a region is: its members, neighbours, languages and names; opens and validates a pack."""

from serai.region.manifest import GoalNote, Language, Manifest, MapWindow, Sources, SourceTable
from serai.region.pack import Pack, check_pack, find_pack, load_pack

__all__ = [
    "GoalNote",
    "Language",
    "Manifest",
    "MapWindow",
    "Pack",
    "SourceTable",
    "Sources",
    "check_pack",
    "find_pack",
    "load_pack",
]
