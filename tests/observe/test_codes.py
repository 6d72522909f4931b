from __future__ import annotations

import polars as pl
import pytest

from observe.tables import CODES
from serai.errors import SourceError
from serai.observe.codes import canonical_dimensions


@pytest.mark.parametrize(
    ("source", "ours"),
    [
        ("sex=female|age=15_24", "AGE=15-24|SEX=F"),
        ("age=allage|sex=bothsex", ""),
        ("age=notspec|sex=male", "SEX=M"),
        ("sex=_|age=15_24", "AGE=15-24"),
        ("counterpart=t", ""),
        ("counterpart=notspec", "COUNTERPART=NOTSPEC"),
        ("", ""),
        (None, ""),
    ],
)
def test_keys_are_sorted_upper_case_and_without_totals(source, ours):
    assert canonical_dimensions(pl.Series([source], dtype=pl.String), CODES).to_list() == [ours]


def test_one_dimension_may_have_codes_of_several_sources():
    keys = pl.Series(["sex=female", "SEX=F|URBANISATION=U"])
    assert canonical_dimensions(keys, CODES).to_list() == ["SEX=F", "LOCATION=URBAN|SEX=F"]


def test_unknown_codes_are_refused_once_each_with_their_first_row():
    keys = pl.Series(["sex=female", "sex=robot", "sex=robot", "age=old"])
    with pytest.raises(SourceError) as error:
        canonical_dimensions(keys, CODES, "file")
    assert str(error.value).splitlines() == [
        "file:2: unknown dimension code [sex=robot]; add it to the table of dimensions or correct it",
        "file:4: unknown dimension code [age=old]; add it to the table of dimensions or correct it",
    ]
