"""The public surface is small, named here, and typed."""

from __future__ import annotations

import inspect

import serai
from serai import errors
from serai.house import Region


def test_exported_names() -> None:
    assert sorted(serai.__all__) == [
        "Fault",
        "InputError",
        "OutputError",
        "PackError",
        "Region",
        "SeraiError",
        "SourceError",
        "StoreError",
        "UnknownName",
        "__version__",
        "check_pack",
        "open",
    ]
    assert all(hasattr(serai, name) for name in serai.__all__)


def test_every_error_is_in_the_drawn_tree() -> None:
    raised = [name for name in errors.__all__ if name != "Fault"]
    assert all(name in (errors.__doc__ or "") for name in raised)
    assert all(issubclass(getattr(errors, name), serai.SeraiError) for name in raised)


def test_what_a_region_offers_is_documented_and_typed() -> None:
    public = {name: member for name, member in inspect.getmembers(Region) if not name.startswith("_")}
    assert all(inspect.getdoc(member) for member in public.values())
    functions = [member for member in public.values() if inspect.isfunction(member)]
    assert all("return" in function.__annotations__ for function in functions)
