"""Whatever a file looks like, its rows are those that plain lxml finds by the paths of ``tables.toml``."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iati_files import ACTIVITY, changed, document, write
from lxml import etree

from serai.coordinate.iati import read as reading
from serai.coordinate.iati import scan
from serai.coordinate.iati.read import read
from serai.coordinate.iati.spec import Shape, shapes
from serai.files import locked_parser

BLANKS = str.maketrans("\t\n\r", "   ")
Row = tuple[object, ...]


def expected(path: Path) -> dict[str, list[Row]]:
    """The rows of every table, by XPath on the tree of the whole file."""
    root = etree.parse(path, locked_parser()).getroot()
    unit = scan.ROOTS[root.tag]
    records = root.findall(unit)
    return {
        shape.name: [row for number, one in enumerate(records) for row in rows(shape, number, one)]
        for shape in shapes().values()
        if shape.unit == unit
    }


def rows(shape: Shape, number: int, record: etree._Element) -> list[Row]:
    ways = shape.path.split(" | ")
    found: list[Row] = []
    for way in ways:
        for place, one in enumerate(record.xpath(way), 1):
            keys = (number, place) if shape.within else (number, 0) if shape.both else (number,)
            found.append((*keys, *cells(shape, one)))
    if shape.both:
        for place, paid in enumerate(record.xpath("transaction"), 1):
            found += [(number, place, *cells(shape, one)) for way in ways for one in paid.xpath(way)]
    return found


def cells(shape: Shape, one: etree._Element) -> list[str | None]:
    return [str(one.xpath(f"string({field.path})")).translate(BLANKS) or None for field in shape.fields]


def actual(path: Path, *, broken: bool = False) -> dict[str, list[Row]]:
    taken = read(path)
    assert broken or taken.rejects == []
    found = {}
    for name, frame in taken.frames.items():
        if name != "records":
            keys = [key for key in ("record", "transaction") if key in frame.columns]
            texts = [one.name if one.kind == "text" else f"{one.name}_text" for one in shapes()[name].fields]
            found[name] = frame.select(*keys, *texts).rows()
    return found


LONG = "A word, and another. " * 60_000
RESULT = (
    '<result type="1"><indicator measure="1" ascending="1"><baseline year="2019" value="1"/>'
    '<period><period-start iso-date="2020-01-01"/><target value="2"/></period><period><actual value="3"/></period>'
    "<title><narrative>Late, and of the indicator</narrative></title></indicator>"
    "<indicator><title><narrative>Without a period</narrative></title></indicator>"
    "<title><narrative>After its indicators</narrative></title></result>"
)
OWN = '<sector code="1"/><recipient-region code="298" percentage="10"/><recipient-country code="KZ"/>'
CODES = ["USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "KGS", "TJS", "KZT"]
PAID = "".join(
    f'<transaction ref="{one}"><transaction-type code="2"/><value currency="{one}">{place}</value></transaction>'
    for place, one in enumerate(CODES)
)
SHAPES = {
    "many small": "".join(f"<iati-activity><iati-identifier>{n}</iati-identifier></iati-activity>" for n in range(900)),
    "a huge one": changed(("Wells in two valleys.", LONG)) + ACTIVITY,
    "dates with zones": changed(('iso-date="2022-03-01"', 'iso-date="2022-03-01+06:00"'), ('31" type', '31Z" type')),
    "many currencies": changed(("</iati-activity>", f"{PAID}</iati-activity>")),
    "identifiers twice": ACTIVITY * 3,
    "on one line": (ACTIVITY * 3).replace("\n", ""),
    "line ends of two": ACTIVITY.replace("\n", "\r\n").replace("Wells in", "Wells\r\n in"),
    "character data": changed(
        ("Wells in two valleys.", "<![CDATA[ a <b> & ]] > c ]]>d<![CDATA[]]> <![CDATA[<!-- -->]]>")
    ),
    "comments": changed(("Wells", "W<!-- <narrative>no</narrative> -->ells"), ("<title>", "<!-- <title> --><title>")),
    "instructions": changed(("Wells", "W<?x </narrative> ?>ells"), ("<title>", "<?y?><title>")),
    "elements in a text": changed(
        ("Wells in two", 'Wells <b a="1>2">in <i>two</i></b> <c/>'), (">900<", "> <x>9</x>00<")
    ),
    "references": changed(
        ("Wells", "&lt;W&#233;lls&#x1F30D; &amp;amp; &quot;&apos;&gt;"), ('ref="T1"', 'ref="T&#9;1&#10;x&amp;"')
    ),
    "white space": changed(("Clean water", "  Clean\n\t water&#160; "), ('ref="T1"', "ref = '\n T  1\t'")),
    "quotes": changed(('ref="T1"', "ref='T\"1>'"), ('code="2"/>', "code='2' />")),
    "a test by a reference": changed(('type="1"/>', 'type="&#49;"/>'), ('type="3"/>', "type='3 '/>")),
    "several of one": changed(
        ("<title>", '<reporting-org ref="Z"/><title/><title>'), ("<reporting-org ref=", "<reporting-org x=")
    ),
    "attributes without a value": changed(
        ('ref="XM-TEST-1"', 'ref=""'), ("<title>", '<reporting-org ref="Z"/><title>')
    ),
    "results": changed(("</iati-activity>", f"{RESULT}{RESULT}</iati-activity>")),
    "own places of payments": changed(
        ("<provider-org ref", f"{OWN}{OWN}<provider-org ref"),
        ("</iati-activity>", '<sector code="9"/></iati-activity>'),
    ),
    "names that only begin alike": changed(
        ("<title>", '<titles/><title-x><narrative>n</narrative></title-x><title refs="1">')
    ),
    "another namespace": changed(
        ("<title>", '<x:title xmlns:x="u" x:ref="1"/><title xmlns="v"><narrative/></title><title>')
    ),
    "namespaces of the file": changed(('ref="T1"', 'e:ref="no" ref="T1"'), ("<title>", "<e:title>no</e:title><title>")),
    "attributes that only begin as a namespace does": changed(
        ("<title>", "<title xmlnx='1' xmlname='2' xmlns2='3'>"), ('code="2"/>', 'code="2" xmlnsa="a"/>')
    ),
    "elements within themselves": changed(("<title>", "<sector><sector code='8'/></sector><title><title/>")),
    "nothing within": f"<iati-activity/><iati-activity></iati-activity >{ACTIVITY}<iati-activity hierarchy='1'/>",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_are_those_of_plain_lxml(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(document(SHAPES[shape], attributes='version="2.03" xmlns:e="urn:e"'), encoding="utf-8", newline="")
    found = actual(path)
    assert found == expected(path)
    assert found["activities"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1251", "koi8-r", "us-ascii"])
def test_rows_are_those_of_plain_lxml_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    word = {"iso-8859-1": "Eau à boire", "us-ascii": "Water"}.get(encoding, "Вода")
    text = document(changed(("Clean water", word)), ACTIVITY, attributes=f'version="2.03" note="{word}"')
    path = tmp_path / "a.xml"
    path.write_bytes(text.replace("UTF-8", encoding.removesuffix("-sig")).encode(encoding))
    assert actual(path) == expected(path)
    assert read(path).frames["activities"]["title"][0] == word


def test_organisations_too(tmp_path: Path) -> None:
    budget = '<period-start iso-date="2024-01-01"/><value currency="EUR">10</value>'
    body = (
        '<iati-organisation default-currency="USD"><organisation-identifier> X-1</organisation-identifier>'
        f'<name><narrative>N</narrative></name><recipient-country-budget><recipient-country code="KG"/>{budget}'
        f"</recipient-country-budget><total-budget>{budget}</total-budget></iati-organisation>"
    )
    path = tmp_path / "a.xml"
    path.write_text(f'<iati-organisations version="2.03">{body}{body}</iati-organisations>', encoding="utf-8")
    assert actual(path) == expected(path)


NAMES = sorted(
    {part for one in shapes().values() for part in re.findall(r"[a-z-]{3,}", f"{one.path} narrative value title x-y")}
    | {"activity-date", "iati-identifier", "provider-org", "period-start", "baseline", "point", "pos", "name"}
)
TEXTS = st.text(st.sampled_from("ab <>&\"' \t\nя\u00a0🌍]"), max_size=6)
KEYS = st.sampled_from(["ref", "code", "type", "iso-date", "currency", "vocabulary", "percentage", "year", "value"])
ATTRIBUTES = st.dictionaries(KEYS, TEXTS | st.sampled_from("123"), max_size=3)
ELEMENTS = st.recursive(
    st.tuples(st.sampled_from(NAMES), ATTRIBUTES, st.just([]), TEXTS, TEXTS),
    lambda below: st.tuples(st.sampled_from(NAMES), ATTRIBUTES, st.lists(below, max_size=4), TEXTS, TEXTS),
    max_leaves=25,
)


def built(spec: tuple[str, dict[str, str], list, str, str]) -> etree._Element:
    name, attributes, below, text, tail = spec
    made = etree.Element(name, attributes)
    made.extend(built(one) for one in below)
    made.text, made.tail = text, tail
    return made


@settings(max_examples=150, deadline=None)
@given(records=st.lists(st.lists(ELEMENTS, max_size=6), min_size=1, max_size=4), batch=st.sampled_from([1, 300, 2**20]))
def test_rows_of_any_elements_are_those_of_plain_lxml(
    records: list[list], batch: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = etree.Element("iati-activities", version="2.03")
    for one in records:
        etree.SubElement(root, "iati-activity", hierarchy="1").extend(built(spec) for spec in one)
    path = tmp_path_factory.mktemp("any") / "a.xml"
    path.write_bytes(etree.tostring(root, encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "BATCH", batch)
        assert actual(path) == expected(path)


# -- what is not sound -------------------------------------------------------------------------------------------------


TOKENS = [
    "<", ">", "&", "&lt;", "&#10;", "&#0;", "&#xD800;", "&#160;", "<!--", "-->", "<![CDATA[", "]]>", "<?x", "?>", "/>",
    "</", "'", '"', "=", " xmlns='u'", " xmlns=''", " xmlns:q='v'", " xml:lang='en'", " x:y='1'", " xmlfoo:y='1'", "\0",
    "\ufffe", "\u2028", "\r\n", "\t", "<title/>", "<q:title/>", "<?a:b c?>", "<!DOCTYPE a>", "&wells;", "<value>9",
    "</narrative>", "<sector><sector/></sector>", " code = '1'", "<iati-activity>", "</iati-activity>", "<period/>",
]  # fmt: skip


def sound_by_lxml(head: scan.Head, text: bytes) -> etree._Element | None:
    """The record of a piece, where lxml finds one and nothing wrong; prefixes are looked up."""
    strict = locked_parser(encoding="utf-8")
    try:
        root = etree.fromstring(head.wrap(head.utf8(text)), strict)
    except (etree.XMLSyntaxError, UnicodeDecodeError):
        return None
    found = root.findall("*")
    sound = len(found) == 1 and found[0].tag == head.unit and not strict.error_log.filter_from_errors()
    return found[0] if sound else None


@pytest.mark.parametrize("start", range(4))
def test_rows_of_mutated_files_are_those_of_plain_lxml(start: int, tmp_path: Path) -> None:
    """Records broken at random, the same ones each time; most changes are made at markup."""
    path, dice = tmp_path / "a.xml", random.Random(start)  # noqa: S311 - the same records each time
    seeds = [*SHAPES.values(), ACTIVITY, changed(("</iati-activity>", f"{RESULT}</iati-activity>"))]
    seeds = [one for one in seeds if len(one) < 10_000]
    for _ in range(60):
        records = [mutated(dice, dice.choice(seeds).encode()) for _ in range(8)]
        path.write_bytes(b"<iati-activities version='2.03' xmlns:e='v'>" + b"".join(records) + b"</iati-activities>")
        head = scan.open_head(path)
        content, wanted = path.read_bytes(), {one.name: [] for one in shapes().values() if one.unit == head.unit}
        for number, piece in enumerate(scan.pieces(head)):
            record = sound_by_lxml(head, content[piece.offset : piece.offset + piece.size])
            if not piece.problem and record is not None:
                for name in wanted:
                    wanted[name] += rows(shapes()[name], number, record)
        assert actual(path, broken=True) == wanted, records


def mutated(dice: random.Random, text: bytes) -> bytes:
    made = bytearray(text)
    for _ in range(dice.choice([0, 1, 1, 2, 4])):
        at = dice.randrange(len(made))
        if dice.random() < 0.6:
            at = max(made.find(dice.choice(b"<>=\"'&"), at), 0) + dice.randint(0, 1)
        kind = dice.random()
        if kind < 0.5:
            made[at:at] = dice.choice(TOKENS).encode()
        elif kind < 0.7:
            made[at : at + 1] = bytes([dice.randrange(256)])
        elif kind < 0.85:
            del made[at : at + dice.choice([1, 2, 5, 40])]
        else:
            made[at:at] = made[at : at + dice.choice([1, 5, 40, 300])]
    return bytes(made)


@settings(max_examples=200, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(list(b"<>/&;\"'=!?-[] :ax\0\xff"))), max_size=3),
    end=st.integers(0, 400),
)
def test_what_plain_lxml_refuses_is_refused_and_the_rest_taken(
    places: list[tuple[int, int]], end: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.mktemp("broken") / "a.xml", ACTIVITY, changed(("Wells", "<![CDATA[W]]>")), ACTIVITY)
    content = bytearray(path.read_bytes()[: -end or None])
    first = content.index(b"<iati-activity ")
    for place, byte in places:
        content[first + place % (len(content) - first)] = byte
    path.write_bytes(content)
    head = scan.open_head(path)
    sound = []
    for piece in scan.pieces(head):
        try:
            text = bytes(content[piece.offset : piece.offset + piece.size])
            root = etree.fromstring(head.wrap(text), locked_parser(encoding="utf-8"))
        except etree.XMLSyntaxError:
            continue
        if not piece.problem and len(root.findall("*")) == 1 and root[0].tag == "iati-activity":
            sound.append(text)
    taken = read(path)
    assert taken.frames["records"]["xml"].to_list() == sound
    assert len(taken.rejects) == len(list(scan.pieces(head))) - len(sound)


def test_rows_that_repeat_a_long_text_are_bounded(tmp_path: Path) -> None:
    periods = "<period/>" * 20_000
    bomb = f"<result><title><narrative>{LONG[:200_000]}</narrative></title><indicator>{periods}</indicator></result>"
    taken = read(write(tmp_path / "a.xml", changed(("</iati-activity>", f"{bomb}</iati-activity>")), ACTIVITY))
    assert [(one.line, one.problem) for one in taken.rejects] == [(3, "its rows are many times as long as itself")]
    assert taken.frames["activities"].height == 1


def test_bytes_of_another_encoding_cost_their_activity_only(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    text = document(changed(("Wells", "W@lls")), ACTIVITY).replace("UTF-8", "us-ascii")
    path.write_bytes(text.encode().replace(b"W@lls", b"W\xe9lls"))
    taken = read(path)
    assert ["us-ascii" in one.problem for one in taken.rejects] == [True]
    assert taken.frames["activities"].height == 1


def test_an_activity_of_another_namespace_is_named(tmp_path: Path) -> None:
    taken = read(write(tmp_path / "a.xml", ACTIVITY.replace("<iati-activity ", '<iati-activity xmlns="u" '), ACTIVITY))
    assert ["another namespace" in one.problem for one in taken.rejects] == [True]
    assert taken.frames["transactions"]["record"].to_list() == [1, 1]


def test_a_copy_in_utf8_does_not_outlive_its_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    path = tmp_path / "a.xml"
    path.write_bytes(document().encode("utf-16"))
    read(path)
    assert list((tmp_path / "copies").iterdir()) == []


BOUNDS = {
    "a text too long": f"<iati-activity><title>{'x' * 9_500_000}</title></iati-activity>",
    "elements too deep within each other": f"<iati-activity>{'<a>' * 250}{'</a>' * 250}</iati-activity>",
    "Namespace prefix w on title is not defined": "<iati-activity><w:title/></iati-activity>",
    "Failed to parse QName 'xml:-a'": "<iati-activity xml:-a='1'/>",
    "colons are forbidden from PI names": "<iati-activity><?a:b c?></iati-activity>",
}


@pytest.mark.parametrize("problem", BOUNDS)
def test_what_no_tree_can_be_made_of_is_not_taken(problem: str, tmp_path: Path) -> None:
    # lxml forgets an error of namespaces when a warning follows it, as for the address of the last activity.
    warned = ACTIVITY.replace("<title>", "<q:x xmlns:q='relative'/><title>")
    taken = read(write(tmp_path / "a.xml", BOUNDS[problem], warned))
    assert [problem in one.problem for one in taken.rejects] == [True]
    assert "\n" not in str(taken.rejects[0])
    assert taken.frames["records"]["record"].to_list() == [1]
